import { z } from '@hono/zod-openapi';
import { PATCH_SCHEMA } from './schemas.ts';

const FILTER_MAX_LENGTH = 1_000;
const PATH_MAX_LENGTH = 500;
const OPERATIONS_MAX = 1_000;
const ATTRIBUTES_MAX_LENGTH = 1_000;
const PAGE_DEFAULT = 100;

/** The most resources of one page. */
export const PAGE_MAX = 200;

/** Which parts of a resource are answered. */
export const scimProjection = z.object({
  attributes: z.string().max(ATTRIBUTES_MAX_LENGTH).optional().openapi({
    description: 'Attributes to answer, by comma.',
    example: 'userName,emails.value',
  }),
  excludedAttributes: z.string().max(ATTRIBUTES_MAX_LENGTH).optional().openapi({
    description: 'Attributes not to answer, by comma.',
    example: 'members',
  }),
});
export type ScimProjection = z.infer<typeof scimProjection>;

/** A page of a list (RFC 7644, section 3.4.2). Sorting is not offered: `sortBy` is ignored. */
export const scimListQuery = scimProjection.extend({
  filter: z.string().max(FILTER_MAX_LENGTH).optional().openapi({ example: 'userName eq "ada@example.com"' }),
  startIndex: z.coerce.number().int().optional().openapi({ type: 'integer', description: 'From 1 on.' }),
  count: z.coerce
    .number()
    .int()
    .optional()
    .openapi({ type: 'integer', description: `${PAGE_DEFAULT} unless said, ${PAGE_MAX} at most.` }),
});
export type ScimListQuery = z.infer<typeof scimListQuery>;

/** Where a page begins, counted from 0, and how long it is: what is out of bounds is brought within them. */
export function pageOfQuery({ startIndex = 1, count = PAGE_DEFAULT }: ScimListQuery) {
  return { offset: Math.max(startIndex, 1) - 1, limit: Math.min(Math.max(count, 0), PAGE_MAX) };
}

const operation = z.object({
  op: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['add', 'remove', 'replace']))
    .openapi({
      type: 'string',
      pattern: '^([Aa][Dd][Dd]|[Rr][Ee][Mm][Oo][Vv][Ee]|[Rr][Ee][Pp][Ll][Aa][Cc][Ee])$',
      description: '`add`, `remove` or `replace`, in any case.',
    }),
  path: z.string().max(PATH_MAX_LENGTH).nullish(),
  value: z.unknown().optional(),
});
export type ScimOperation = z.infer<typeof operation>;

/** Changes of a resource (RFC 7644, section 3.5.2): all of them or none. */
export const scimPatch = z
  .object({
    schemas: z
      .array(z.string())
      .refine((names) => names.includes(PATCH_SCHEMA), { error: `must name ${PATCH_SCHEMA}` }),
    Operations: z.array(operation).min(1).max(OPERATIONS_MAX),
  })
  .openapi('ScimPatch');

/** One page of resources. */
export function scimListOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    schemas: z.array(z.string()),
    totalResults: z.int(),
    startIndex: z.int(),
    itemsPerPage: z.int(),
    Resources: z.array(item),
  });
}

/** Every error of SCIM's endpoints (RFC 7644, section 3.12). */
export const scimError = z
  .object({
    schemas: z.array(z.string()),
    status: z.string(),
    scimType: z.string().optional(),
    detail: z.string(),
  })
  .openapi('ScimError');
export type ScimErrorBody = z.infer<typeof scimError>;
