import type { ScimProjection } from '../../../shared/contracts/http/scim/messages.ts';

/** What is always answered (RFC 7643, section 7: `returned`). */
const ALWAYS = ['schemas', 'id'];

/**
 * Leaves out of a resource what `attributes` does not name, or what `excludedAttributes` names (RFC 7644, section 3.9), in
 * any case and with or without the schema's name. A part is named behind a dot.
 */
export function project<Resource extends object>(
  resource: Resource,
  { attributes, excludedAttributes }: ScimProjection,
): Partial<Resource> {
  const wanted = namesIn(attributes);
  const unwanted = namesIn(excludedAttributes);
  if (wanted.length === 0 && unwanted.length === 0) return resource;
  const entries = Object.entries(resource).flatMap(([name, value]): [string, unknown][] => {
    if (ALWAYS.includes(name)) return [[name, value]];
    if (wanted.length === 0) return keep(name, value, unwanted, false);
    return keep(name, value, wanted, true);
  });
  return asPartial<Resource>(entries);
}

/** If a resource is to be answered with an attribute, as far as the names of whole attributes tell. */
export function isAsked({ attributes, excludedAttributes }: ScimProjection, name: string): boolean {
  const wanted = namesIn(attributes);
  if (wanted.length > 0) return wanted.some((each) => each === name || each.startsWith(`${name}.`));
  return !namesIn(excludedAttributes).includes(name);
}

function keep(name: string, value: unknown, names: readonly string[], isWanted: boolean): [string, unknown][] {
  const own = name.toLowerCase();
  if (names.includes(own)) return isWanted ? [[name, value]] : [];
  const parts = names.filter((each) => each.startsWith(`${own}.`)).map((each) => each.slice(own.length + 1));
  if (parts.length === 0) return isWanted ? [] : [[name, value]];
  return [[name, partsOf(value, (part) => parts.includes(part.toLowerCase()) === isWanted)]];
}

function partsOf(value: unknown, isKept: (part: string) => boolean): unknown {
  if (Array.isArray(value)) return value.map((each) => partsOf(each, isKept));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([part]) => isKept(part)));
}

/** The names of a list, without those of the core schemas; `urn:…:User:department` is a part of the extension. */
function namesIn(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .map((name) => name.replace(/^urn:ietf:params:scim:schemas:core:2\.0:(?:user|group):/, ''))
    .map((name) => name.replace(/^(urn:ietf:params:scim:schemas:extension:enterprise:2\.0:user):/, '$1.'))
    .filter((name) => name !== '');
}

/** Of a resource's own entries some are left. */
function asPartial<Resource extends object>(entries: readonly (readonly [string, unknown])[]): Partial<Resource> {
  return Object.fromEntries(entries) as Partial<Resource>;
}
