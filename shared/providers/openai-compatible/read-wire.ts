import type { Extension } from './vendor.ts';

/** The value, if it is a JSON object. Throws a `TypeError` otherwise. */
export function recordOf(value: unknown): Extension {
  if (!isRecord(value)) throw new TypeError('not an object');
  return value;
}

function isRecord(value: unknown): value is Extension {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value, if it is a list. Throws a `TypeError` otherwise. */
export function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError('not a list');
  return value;
}

/** The value, if it is a text; undefined when there is none. Throws a `TypeError` otherwise. */
export function textOf(value: unknown): string | undefined {
  if (value == null) return undefined;
  if (typeof value !== 'string') throw new TypeError('not a text');
  return value;
}

/** The value, if it is a text; undefined otherwise. */
export function optional(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
