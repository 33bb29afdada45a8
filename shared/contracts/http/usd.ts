import { z } from '@hono/zod-openapi';

/** Digits that a double keeps: a JSON number with more may not be the one that was written. */
const EXACT_DIGITS = 15;

const USD = /^(0|[1-9]\d{0,13})(\.\d{1,12})?$/;

const MESSAGE =
  'must be US dollars as a decimal string with at most 14 digits before and 12 after the point, or a number that has them in at most 15 digits';

/** An amount of US dollars as clients send it: not negative, exact to the pico-dollar; a decimal text in code. */
export const usdInput = z
  .union([z.string(), z.number()], { error: MESSAGE })
  .refine((amount) => USD.test(String(amount)) && (typeof amount === 'string' || isExact(amount)), { error: MESSAGE })
  .transform(String)
  .openapi({
    type: ['string', 'number'],
    pattern: USD.source,
    minimum: 0,
    description: 'US dollars: a decimal string with up to 12 decimals, or a number of at most 15 digits.',
    example: '250.00',
  });

function isExact(amount: number): boolean {
  return String(amount).replace('.', '').replace(/^0+/, '').length <= EXACT_DIGITS;
}
