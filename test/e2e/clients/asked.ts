import { expect } from 'vitest';
import * as z from 'zod';

/** The object that structured output is asked for; the vendors answer one of it. */
export const CITY_NOW = z.object({ city: z.string(), celsius: z.number() });
export const CITY_NOW_ANSWER = { city: 'Paris', celsius: 21 };

export const WEATHER_INPUT = z.object({ city: z.string() });
export const WEATHER_SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
} as const;

/** What the weather tool says. */
export const WEATHER = 'sunny';

const warningList = z.array(z.string());

/** Asserts that the answer's headers warn of exactly what is expected, one entry for each. */
export function expectWarnings(headers: Headers | undefined, ...expected: readonly unknown[]): void {
  const text = headers?.get('x-eufm-warnings') ?? '[]';
  expect(warningList.parse(JSON.parse(text))).toEqual(expected);
}

/** The end of a warning of something that a provider cannot do. */
export function ignored(what: string): string {
  return `${what} was ignored: the provider does not support it`;
}

/** The text of an answer that came in pieces, and how many there were. */
export async function collectTexts(texts: AsyncIterable<string | null | undefined>) {
  const pieces: string[] = [];
  for await (const text of texts) if (text) pieces.push(text);
  return { text: pieces.join(''), pieces: pieces.length };
}

/** Maps what an iterable gives. */
export async function* mapped<Item, Mapped>(
  items: AsyncIterable<Item>,
  change: (item: Item) => Mapped,
): AsyncGenerator<Mapped> {
  for await (const item of items) yield change(item);
}
