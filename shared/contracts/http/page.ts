import { z } from '@hono/zod-openapi';

/** How much of a list to answer. */
export const pageLimit = z.coerce.number().int().min(1).max(500).default(50);

/** Which page of a list whose rows have ids. */
export const pageQuery = z.strictObject({
  limit: pageLimit,
  cursor: z.uuid().optional().openapi({ description: 'The `nextCursor` of the page before.' }),
});
export type PageQuery = z.infer<typeof pageQuery>;

/** One page of a list; a null `nextCursor` is the last one. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), nextCursor: z.string().nullable() });
}

export interface Page<Item> {
  readonly data: Item[];
  readonly nextCursor: string | null;
}
