import { z } from '@hono/zod-openapi';

/** A list item of a kind that is not offered. It is kept whole, so that whoever reads it can name it and leave it out. */
export interface NotOffered {
  readonly type: string;
  readonly [key: string]: unknown;
}

/**
 * Items of a list by their `type`: those of `offered`, and any of another type, which fails no request. An item of an
 * offered type that is malformed is refused as one.
 */
export function offeredOrNot<Offered extends z.ZodType<{ type?: string | null | undefined }>>(
  offered: Offered,
  types: readonly string[],
) {
  const known = new Set(types);
  const other = z
    .looseObject({ type: z.string().openapi({ not: { enum: [...types] } }) })
    .refine(({ type }) => !known.has(type), { abort: true });
  return z.union([offered, other]);
}
