import openapi from '../../openapi.json';

interface Schema {
  readonly $ref?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema?: Schema;
}

interface Described {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly security?: readonly object[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

/** An operation of openapi.json. */
export interface Operation extends Described {
  readonly method: string;
  readonly path: string;
}

/** A request as it is sent. */
export interface Probe {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A place of an operation's request that takes an id, by its name as in `path id`, `query cursor` or `body /scope/apiKeyId`. */
export interface Slot {
  readonly name: string;
  /** The request with an id there. Ids in the path that are not the slot's are `own`. */
  probe(id: string, own: string): Probe;
}

/** What a request of an operation needs that its description does not say: a valid body, and parameters. */
export interface Example {
  readonly body?: object;
  readonly query?: string;
  readonly path?: Readonly<Record<string, string>>;
}

/** Names whose values name something of a tenant's though they are no UUIDs by their description. */
const NAMING = ['cursor', 'after_id', 'before_id', 'X-Eufm-Policy', 'token'];

/** Every operation under /v1/. */
export function describedOperations(paths: object = openapi.paths): Operation[] {
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([path, methods]) =>
      Object.entries<Described>(methods).map(([method, described]) => ({
        ...{ ...described, method: method.toUpperCase(), path },
      })),
    );
}

/** All slots of an operation. Throws when the example lacks what a request needs: a new route has to have one. */
export function slotsOf(operation: Operation, example: Example | undefined): Slot[] {
  const { parameters = [], operationId } = operation;
  const named = parameters.filter(isNaming);
  const { content } = operation.requestBody ?? {};
  const body = content?.['application/json'] ?? content?.['application/scim+json'];
  if (body && !example?.body) throw new Error(`${operationId} takes a body and has no example of one`);
  for (const { name, in: place, required, schema } of parameters) {
    const isGiven = place === 'path' ? example?.path?.[name] : example?.query?.includes(`${name}=`);
    if (required && schema?.format !== 'uuid' && !isGiven) throw new Error(`${operationId} has no example of ${name}`);
  }
  const at = (place: string) => named.filter((parameter) => parameter.in === place).map(({ name }) => name);
  return [
    ...at('path').map((name) =>
      slot(`path ${name}`, (id, own) => request({ operation, example, own, path: { [name]: id } })),
    ),
    ...at('query').map((name) =>
      slot(`query ${name}`, (id, own) => request({ operation, example, own, query: `${name}=${id}` })),
    ),
    ...at('header').map((name) =>
      slot(`header ${name}`, (id, own) => request({ operation, example, own, headers: { [name]: id } })),
    ),
    ...(body ? pointersOf(body.schema) : []).map((pointer) =>
      slot(`body ${pointer}`, (id, own) => request({ operation, example, own, at: [pointer, id] })),
    ),
  ];
}

/** The operation's request without anything that it need not have. */
export function plainProbe(operation: Operation, example: Example | undefined, own: string): Probe {
  return request({ operation, example, own });
}

function slot(name: string, probe: Slot['probe']): Slot {
  return { name, probe };
}

function isNaming({ name, schema }: Parameter): boolean {
  return schema?.format === 'uuid' || NAMING.includes(name);
}

interface Wanted {
  readonly operation: Operation;
  readonly example: Example | undefined;
  readonly own: string;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly at?: readonly [pointer: string, id: string];
}

function request({ operation, example, own, path = {}, query, headers = {}, at }: Wanted): Probe {
  const place = operation.path.replaceAll(/\{(\w+)\}/g, (_, name) => path[name] ?? example?.path?.[name] ?? own);
  const search = [example?.query, query].filter((part) => part !== undefined).join('&');
  const body = example?.body && at ? withAt(example.body, at[0].slice(1).split('/'), at[1]) : example?.body;
  return {
    method: operation.method,
    path: search === '' ? place : `${place}?${search}`,
    headers,
    ...(body !== undefined && { body }),
  };
}

function withAt(value: unknown, [name = '', ...rest]: readonly string[], id: string): unknown {
  if (name === '0') return [rest.length === 0 ? id : withAt({}, rest, id)];
  const object = typeof value === 'object' && value !== null ? value : {};
  const inner: unknown = Reflect.get(object, name);
  return { ...object, [name]: rest.length === 0 ? id : withAt(inner, rest, id) };
}

/** JSON pointers of all fields that take an id; the first item stands for those of an array. */
function pointersOf(schema: Schema, seen: readonly string[] = []): string[] {
  const { $ref, properties = {}, items } = schema;
  if ($ref !== undefined) return seen.includes($ref) ? [] : pointersOf(resolve($ref), [...seen, $ref]);
  if (schema.format === 'uuid') return [''];
  const inner = [...(schema.anyOf ?? []), ...(schema.allOf ?? []), ...(schema.oneOf ?? [])];
  return [
    ...new Set([
      ...inner.flatMap((part) => pointersOf(part, seen)),
      ...Object.entries(properties).flatMap(([name, property]) =>
        NAMING.includes(name) ? [`/${name}`] : pointersOf(property, seen).map((pointer) => `/${name}${pointer}`),
      ),
      ...(items ? pointersOf(items, seen).map((pointer) => `/0${pointer}`) : []),
    ]),
  ];
}

function resolve($ref: string): Schema {
  const schemas = openapi.components.schemas as Readonly<Record<string, Schema>>; // as the linter checks
  const schema = schemas[$ref.replace('#/components/schemas/', '')];
  if (!schema) throw new Error(`no schema ${$ref}`);
  return schema;
}
