import * as z from 'zod';
import description from '../../openapi.json';

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: z.core.JSONSchema.JSONSchema }>> }>
  >;
}

/** Streams, whose events and lines are checked by whoever reads them. */
const READ_ELSEWHERE = ['text/event-stream', 'application/jsonl'];

/** The API description, its schemas closed: a field of an answer that it does not name is a mistake. */
const closed: typeof description = JSON.parse(
  JSON.stringify(description).replaceAll('#/components/schemas/', '#/$defs/'),
  (_key, value) => (value?.properties ? { additionalProperties: false, ...value } : value),
);
const paths = closed.paths as unknown as Readonly<Record<string, Readonly<Record<string, Operation>>>>; // as the linter checks
const $defs = closed.components.schemas as Record<string, z.core.JSONSchema.JSONSchema>; // each is one, says the linter

/**
 * Throws unless `openapi.json` describes this answer of an operation: its status, its media type, and every field of its
 * JSON body. Reads a copy, so that the body can still be read.
 */
export async function expectMatchesContract(response: Response, method: string, path: string): Promise<void> {
  const answer = `${method} ${path} answered ${response.status}`;
  const operation = operationAt(path)?.[method.toLowerCase()];
  if (!operation) throw new Error(`${answer}, and is not described`);
  const declared = operation.responses[response.status];
  if (!declared) throw new Error(`${answer}, described are ${Object.keys(operation.responses).join(', ')}`);
  if (response.status === 204 && declared.content === undefined) return; // there is no body
  const mediaType = response.headers.get('content-type')?.split(';')[0] ?? '';
  const schema = declared.content?.[mediaType]?.schema;
  if (!schema) throw new Error(`${answer} with the media type "${mediaType}", which is not described`);
  if (READ_ELSEWHERE.includes(mediaType)) return;
  const parsed = validatorOf(schema).safeParse(await response.clone().json());
  if (!parsed.success)
    throw new Error(`${answer} with a body that is not as described:\n${z.prettifyError(parsed.error)}`);
}

/** Made once for each schema: there are many answers of each. */
const validators = new Map<object, z.ZodType>();

function validatorOf(schema: z.core.JSONSchema.JSONSchema): z.ZodType {
  const known = validators.get(schema);
  if (known) return known;
  const made = z.fromJSONSchema({ ...schema, $defs });
  validators.set(schema, made);
  return made;
}

/** The operations of a path, by its own name or as one of those that a template stands for. */
function operationAt(path: string): Readonly<Record<string, Operation>> | undefined {
  const template = Object.keys(paths).find((key) => new RegExp(`^${key.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path));
  return paths[path] ?? paths[template ?? ''];
}
