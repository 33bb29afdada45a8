import type { ScimPatchOperation } from 'scim-patch';
import type { ScimOperation } from '../../contracts/http/scim/messages.ts';
import { ENTERPRISE_SCHEMA, USER_SCHEMA } from '../../contracts/http/scim/schemas.ts';
import { ENTERPRISE_TEXTS, NAME_PARTS, PLAIN_TEXTS, scimUserAttributes } from '../../contracts/http/scim/users.ts';
import { err, ok, type Result } from '../../errors/result.ts';
import { readFilter } from './read-filter.ts';
import type { ScimFault } from './scim-connection.ts';

type Steps = Result<ScimPatchOperation[], ScimFault>;

/** An attribute that can be changed: its name as it is spelled, and those of its parts; null: it is one value. */
interface Attribute {
  readonly name: string;
  readonly parts: readonly string[] | null;
}

const EMAIL_PARTS = ['value', 'type', 'primary', 'display'];

const ATTRIBUTES: ReadonlyMap<string, Attribute> = new Map(
  [
    ...['userName', 'externalId', 'active', ...PLAIN_TEXTS].map((name): Attribute => ({ name, parts: null })),
    { name: 'name', parts: NAME_PARTS },
    { name: 'emails', parts: EMAIL_PARTS },
    { name: ENTERPRISE_SCHEMA, parts: ENTERPRISE_TEXTS },
  ].map((attribute) => [attribute.name.toLowerCase(), attribute]),
);

const READ_ONLY = ['id', 'meta', 'groups', 'schemas'];

/** `attribute`, `attribute.part`, `attribute[filter]`, `attribute[filter].part`, as RFC 7644, section 3.5.2. */
const PATH = /^([\w$-]+)(?:\[([^[\]]*)\])?(?:\.([\w$-]+))?$/;

/**
 * The changes of a person that a request asks for, each of one known attribute or part, spelled as it is: so that nothing
 * else of what was sent reaches the document, `__proto__` for one. What is not kept here is left out, as in a whole
 * person; what nobody may change is refused where it is named by a path.
 */
export function readUserPatch(operations: readonly ScimOperation[]): Steps {
  const steps: ScimPatchOperation[] = [];
  for (const operation of operations) {
    const read = operation.path ? readPath(operation, operation.path, false) : readWhole(operation);
    if (!read.ok) return read;
    steps.push(...read.value);
  }
  return ok(steps);
}

function readWhole({ op, value }: ScimOperation): Steps {
  if (op === 'remove') return fault('noTarget', 'A removal needs a path.');
  if (!isObject(value)) return fault('invalidValue', 'Without a path the value must be an object.');
  const steps: ScimPatchOperation[] = [];
  for (const [path, part] of Object.entries(value)) {
    const read = readPath({ op, value: part }, path, true);
    if (!read.ok) return read;
    steps.push(...read.value);
  }
  return ok(steps);
}

/** `isTold`: the path is a name within a value, where what nobody may change is only told. */
function readPath({ op, value }: ScimOperation, path: string, isTold: boolean): Steps {
  const [schema, rest] = withoutSchema(path);
  const [, name = '', filter, part] = schema === ENTERPRISE_SCHEMA ? [path, schema, undefined, rest] : parts(rest);
  if (schema !== null && schema !== ENTERPRISE_SCHEMA && schema !== USER_SCHEMA) return ok([]);
  if (name === '') return isTold ? ok([]) : fault('invalidPath', `The path ${path} is not one.`);
  if (READ_ONLY.includes(name.toLowerCase())) {
    return isTold ? ok([]) : fault('mutability', `${name} cannot be changed.`);
  }
  const attribute = ATTRIBUTES.get(name.toLowerCase());
  if (!attribute) return ok([]);
  if (filter !== undefined) {
    if (attribute.name !== 'emails') return fault('invalidPath', `${attribute.name} has one value only.`);
    const read = readFilter(filter);
    if (!read.ok) return read;
  }
  const target = filter === undefined ? attribute.name : `${attribute.name}[${filter}]`;
  if (part === undefined || part === '') return readAttribute(op, attribute, target, filter !== undefined, value);
  const known = attribute.parts?.find((each) => each.toLowerCase() === part.toLowerCase());
  return known === undefined ? ok([]) : readScalar(op, join(target, known), value);
}

function readAttribute(
  op: ScimOperation['op'],
  attribute: Attribute,
  target: string,
  isChosen: boolean,
  value: unknown,
): Steps {
  if (attribute.parts === null) return readScalar(op, target, value);
  if (attribute.name === 'emails' && !isChosen) return readEmails(op, value);
  if (op === 'remove' || value === null) return ok([{ op: 'remove', path: target }]);
  if (!isObject(value)) return fault('invalidValue', `${attribute.name} must be an object.`);
  const steps: ScimPatchOperation[] = [];
  for (const [name, part] of Object.entries(value)) {
    const known = attribute.parts.find((each) => each.toLowerCase() === name.toLowerCase());
    const read = known === undefined ? ok([]) : readScalar(op, join(target, known), part);
    if (!read.ok) return read;
    steps.push(...read.value);
  }
  return ok(steps);
}

function readEmails(op: ScimOperation['op'], value: unknown): Steps {
  if (value === null || value === undefined) return ok([{ op: 'remove', path: 'emails' }]);
  const emails = scimUserAttributes.shape.emails.safeParse(Array.isArray(value) ? value : [value]);
  if (!emails.success) return fault('invalidValue', 'emails must be objects with a value.');
  return ok([{ op, path: 'emails', value: emails.data }]);
}

function readScalar(op: ScimOperation['op'], path: string, value: unknown): Steps {
  if (op === 'remove' || value === null) return ok([{ op: 'remove', path }]);
  if (typeof value === 'object' || value === undefined) return fault('invalidValue', `${path} must be one value.`);
  return ok([{ op, path, value }]);
}

/** The schema that a path names, and what is behind it. Its own names may have dots and are compared in any case. */
function withoutSchema(path: string): readonly [schema: string | null, rest: string] {
  if (!/^urn:/i.test(path)) return [null, path];
  for (const schema of [ENTERPRISE_SCHEMA, USER_SCHEMA]) {
    const [head, rest] = [path.slice(0, schema.length), path.slice(schema.length)];
    if (head.toLowerCase() === schema.toLowerCase() && /^(?:$|[:.])/.test(rest)) return [schema, rest.slice(1)];
  }
  return ['', path];
}

function parts(path: string): readonly (string | undefined)[] {
  return PATH.exec(path) ?? [];
}

function join(target: string, part: string): string {
  return target === ENTERPRISE_SCHEMA ? `${target}:${part}` : `${target}.${part}`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fault(scimType: ScimFault['scimType'], detail: string): Result<never, ScimFault> {
  return err({ scimType, detail });
}
