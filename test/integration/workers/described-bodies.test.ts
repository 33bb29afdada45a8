import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import openapi from '../../../openapi.json';
import { PERMISSIONS } from '../../../shared/auth/permissions.ts';
import { call } from '../../harness/gateway-client.ts';
import { type Destination, destinationOf, JSON_OPERATIONS, type JsonOperation } from '../../harness/json-operations.ts';
import { testEnv } from '../../harness/mint-tenant.ts';
import { invalidBy, type JsonSchema, validBy } from '../../harness/schema-arbitrary.ts';

const BODIES = 500;
const SEED = 20_261_130;
const AT_ONCE = 10;
const MOST_SHOWN = 3;
const TIMEOUT_MS = 120_000;

const schemas = openapi.components.schemas as Readonly<Record<string, JsonSchema>>; // `validBy` holds them to what it knows
const $defs = JSON.parse(JSON.stringify(schemas).replaceAll('#/components/schemas/', '#/$defs/'));

/** What is valid only if it exists: by the name of the property. */
const known = {
  model: fc.constant('openai/gpt-4o-mini'),
  issuer: fc.constant(testEnv.TENANT_ISSUER),
  permissions: fc.subarray([...PERMISSIONS], { minLength: 1 }),
};

/** What openapi.json leaves open, since other kinds of tools are passed over by other endpoints, and this one has one kind. */
const TOOLS = { tools: fc.constant([]), tool_choice: fc.constant('auto') };

function bodiesOf({ schema, operationId }: JsonOperation, { tenantId }: Destination) {
  const validator = z.fromJSONSchema({
    ...JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', '#/$defs/')),
    $defs,
  });
  const isValid = (value: unknown) => validator.safeParse(value).success;
  const valid = validBy(schema, {
    schemas,
    known: operationId === 'createResponse' ? { ...known, ...TOOLS } : known,
    ids: fc.constant(tenantId),
  }).filter(isValid);
  return { valid, invalid: invalidBy(valid, isValid) };
}

/** Sends every body; `call` holds each answer to its description. Answers those that `isWrong` says are. */
async function wrongAnswers(
  operation: JsonOperation,
  { path, headers }: Destination,
  bodies: readonly unknown[],
  isWrong: (status: number, text: string) => boolean,
): Promise<string[]> {
  const wrong: string[] = [];
  for (let from = 0; from < bodies.length; from += AT_ONCE) {
    const answers = bodies.slice(from, from + AT_ONCE).map(async (value) => {
      const body = JSON.stringify(value);
      const response = await call(operation.method, path, { headers, body });
      const text = await response.text();
      if (isWrong(response.status, text)) wrong.push(shown(`${response.status} ${text}`) + shown(body));
    });
    await Promise.all(answers);
  }
  return wrong.slice(0, MOST_SHOWN);
}

/** A failed test's words travel as text that must be well-formed. */
const shown = (text: string) => `${text.slice(0, 600).replaceAll(/[^ -~]/g, '?')}\n`;

const isServerError = (status: number) => status >= 500;
const isAccepted = (status: number) => status < 400;

/**
 * Refused for its form, in the words of the schemas. Rules that JSON Schema has no word for have words of ours: an amount
 * that is not negative, a time that is to come, an id that an earlier message must have, what exists.
 */
const FORM = /Invalid (?:input|option|string|key|element)|Too (?:big|small)|Unrecognized key|"code":"invalid_json"/;
const isFormRefusal = (status: number, text: string) => status === 400 && FORM.test(text);

describe(`I2: of ${BODIES} bodies that openapi.json allows none is refused for its form, of as many others none is taken`, () => {
  it.each(JSON_OPERATIONS)(
    '$method $path',
    async (operation) => {
      const destination = await destinationOf(operation, PERMISSIONS);
      const { valid, invalid } = bodiesOf(operation, destination);
      const options = { numRuns: BODIES, seed: SEED };
      const refused = (status: number, text: string) => isServerError(status) || isFormRefusal(status, text);
      expect(await wrongAnswers(operation, destination, fc.sample(valid, options), refused)).toEqual([]);
      const taken = (status: number) => isServerError(status) || isAccepted(status);
      expect(await wrongAnswers(operation, destination, fc.sample(invalid, options), taken)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

describe('I2 control', () => {
  it('a refusal for the form is told from one for what exists', () => {
    const refusal = (detail: string) =>
      JSON.stringify({ code: 'bad_request', detail: `The request is not valid. ${detail}` });
    expect(isFormRefusal(400, refusal('/name: Invalid input: expected string, received null'))).toBe(true);
    expect(isFormRefusal(400, refusal('/name: Too big: expected string to have <=200 characters'))).toBe(true);
    expect(isFormRefusal(400, refusal('the body: Unrecognized key: "stray"'))).toBe(true);
    expect(isFormRefusal(400, refusal('/environmentId: there is no such environment'))).toBe(false);
    expect(isFormRefusal(409, refusal('/name: Invalid input'))).toBe(false);
  });

  it('a route that is stricter or laxer than its schema is found out', () => {
    const strict: JsonSchema = {
      type: 'object',
      properties: { a: { type: 'string', maxLength: 3 } },
      required: ['a'],
      additionalProperties: false,
    };
    const source = { schemas: {}, known: {}, ids: fc.constant('') };
    const isStrict = (value: unknown) => z.strictObject({ a: z.string().max(3) }).safeParse(value).success;
    const valid = validBy(strict, source);
    expect(fc.sample(valid, { numRuns: BODIES, seed: SEED }).every(isStrict)).toBe(true);
    const isStricter = (value: unknown) => z.strictObject({ a: z.string().max(1) }).safeParse(value).success;
    expect(fc.sample(valid, { numRuns: BODIES, seed: SEED }).every(isStricter)).toBe(false);
    const invalid = fc.sample(invalidBy(valid, isStrict), { numRuns: BODIES, seed: SEED });
    expect(invalid.some(isStrict)).toBe(false);
    expect(invalid.some((value) => z.looseObject({ a: z.string() }).safeParse(value).success)).toBe(true);
    expect(() => validBy({ contains: {} } as JsonSchema, source)).toThrow('no values can be made for contains');
  });
});
