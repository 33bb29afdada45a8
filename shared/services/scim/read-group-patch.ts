import { groupMembers, type ScimGroupInput, scimGroupInput } from '../../contracts/http/scim/groups.ts';
import type { ScimOperation } from '../../contracts/http/scim/messages.ts';
import { GROUP_SCHEMA } from '../../contracts/http/scim/schemas.ts';
import { err, ok, type Result } from '../../errors/result.ts';
import { readFilter } from './read-filter.ts';
import type { ScimFault } from './scim-connection.ts';

/**
 * What becomes of a group, whoever is in it now: so that requests at the same time do not undo each other. Nobody is both
 * added and removed. `isWhole`: it has those who are added and nobody else.
 */
export interface GroupChange {
  readonly displayName: string | undefined;
  /** Null: it is called nothing from now on. */
  readonly externalId: string | null | undefined;
  readonly isWhole: boolean;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** A group as it is to be, as a change of one. */
export function wholeGroup({ displayName, externalId, members }: ScimGroupInput) {
  const added = [...new Set(members?.map(({ value }) => value.toLowerCase()))];
  return { displayName, externalId: externalId || null, isWhole: true, added, removed: [] };
}

type Draft = {
  displayName: string | undefined;
  externalId: string | null | undefined;
  isWhole: boolean;
  readonly added: Set<string>;
  readonly removed: Set<string>;
};

const PATH = /^(\w+)(?:\[(.*)\])?(?:\.value)?$/i;

/** The change that a request's operations make together, in their order. Attributes that a group does not have are ignored. */
export function readGroupPatch(operations: readonly ScimOperation[]): Result<GroupChange, ScimFault> {
  const draft: Draft = {
    ...{ displayName: undefined, externalId: undefined, isWhole: false },
    ...{ added: new Set(), removed: new Set() },
  };
  for (const operation of operations) {
    const problem = operation.path ? readPath(draft, operation, operation.path, false) : readWhole(draft, operation);
    if (problem) return err(problem);
  }
  return ok({ ...draft, added: [...draft.added], removed: [...draft.removed] });
}

function readWhole(draft: Draft, { op, value }: ScimOperation): ScimFault | null {
  if (op === 'remove') return { scimType: 'noTarget', detail: 'A removal needs a path.' };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { scimType: 'invalidValue', detail: 'Without a path the value must be an object.' };
  }
  for (const [path, part] of Object.entries(value)) {
    const problem = readPath(draft, { op, value: part }, path, true);
    if (problem) return problem;
  }
  return null;
}

/** `isTold`: the path is a name within a value, where what nobody may change is only told. */
function readPath(draft: Draft, { op, value }: ScimOperation, path: string, isTold: boolean): ScimFault | null {
  const prefix = `${GROUP_SCHEMA}:`.toLowerCase();
  const [, name, filter] = PATH.exec(path.toLowerCase().startsWith(prefix) ? path.slice(prefix.length) : path) ?? [];
  switch (name?.toLowerCase()) {
    case 'members':
      return filter === undefined ? readMembers(draft, { op, value }) : readChosen(draft, op, filter);
    case 'displayname': {
      const read = scimGroupInput.shape.displayName.safeParse(op === 'remove' ? null : value);
      if (!read.success) return { scimType: 'invalidValue', detail: 'displayName must be a text.' };
      draft.displayName = read.data;
      return null;
    }
    case 'externalid': {
      const read = scimGroupInput.shape.externalId.safeParse(op === 'remove' ? null : value);
      if (!read.success) return { scimType: 'invalidValue', detail: 'externalId must be a text.' };
      draft.externalId = read.data || null;
      return null;
    }
    case 'id':
    case 'meta':
    case 'schemas':
      return isTold ? null : { scimType: 'mutability', detail: `${name} cannot be changed.` };
    case undefined:
      return isTold ? null : { scimType: 'invalidPath', detail: `The path ${path} is not one.` };
    default:
      return null;
  }
}

function readMembers(draft: Draft, { op, value }: ScimOperation): ScimFault | null {
  if (op === 'remove' && (value === undefined || value === null)) {
    replaceAll(draft, []);
    return null;
  }
  const read = groupMembers.safeParse(Array.isArray(value) ? value : [value]);
  if (!read.success)
    return { scimType: 'invalidValue', detail: 'members must be objects whose value is a person’s id.' };
  const ids = read.data.map(({ value }) => value.toLowerCase());
  if (op === 'replace') replaceAll(draft, ids);
  for (const id of ids) {
    const [into, from] = op === 'remove' ? [draft.removed, draft.added] : [draft.added, draft.removed];
    into.add(id);
    from.delete(id);
  }
  return null;
}

/** `members[value eq "…"]`, of which only a removal makes sense. */
function readChosen(draft: Draft, op: ScimOperation['op'], text: string): ScimFault | null {
  const filter = readFilter(text);
  if (!filter.ok) return filter.error;
  const { value } = filter;
  if (value.op !== 'eq' || value.attrPath.toLowerCase() !== 'value' || typeof value.compValue !== 'string') {
    return { scimType: 'invalidFilter', detail: 'Members are chosen by value eq.' };
  }
  if (op !== 'remove') return { scimType: 'mutability', detail: 'A member is added or removed, not changed.' };
  return readMembers(draft, { op, value: [{ value: value.compValue }] });
}

function replaceAll(draft: Draft, ids: readonly string[]): void {
  draft.isWhole = true;
  draft.added.clear();
  draft.removed.clear();
  for (const id of ids) draft.added.add(id);
}
