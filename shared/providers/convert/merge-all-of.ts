import type { JsonSchema } from '../contract.ts';
import { isSchema } from './rewrite-schema.ts';

/**
 * One schema for a schema and the members of its `allOf`, for vendors without it. Where two of them say different things
 * of the same, the schema is answered as it is.
 */
export function mergeAllOf(schema: JsonSchema): JsonSchema {
  const { allOf, ...rest } = schema;
  if (!Array.isArray(allOf)) return schema;
  let merged: JsonSchema | undefined = rest;
  for (const member of allOf) merged = merged && isSchema(member) ? merge(merged, member) : undefined;
  return merged ?? schema;
}

function merge(left: JsonSchema, right: JsonSchema): JsonSchema | undefined {
  const merged = new Map(Object.entries(left));
  for (const [keyword, value] of Object.entries(right)) {
    const both = merged.has(keyword) ? mergeKeyword(keyword, merged.get(keyword), value) : value;
    if (both === undefined) return undefined;
    merged.set(keyword, both);
  }
  return Object.fromEntries(merged);
}

function mergeKeyword(keyword: string, left: unknown, right: unknown): unknown {
  if (JSON.stringify(left) === JSON.stringify(right)) return left;
  if (keyword === 'description') return `${left}\n${right}`;
  if (keyword === 'required' && Array.isArray(left) && Array.isArray(right)) return [...new Set([...left, ...right])];
  if (keyword !== 'properties' || !isSchema(left) || !isSchema(right)) return undefined;
  return merge(left, right);
}
