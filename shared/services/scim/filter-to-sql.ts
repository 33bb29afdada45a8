import { type SQL, sql } from 'drizzle-orm';
import type { Compare, Filter } from 'scim2-parse-filter';
import { ok, type Result } from '../../errors/result.ts';
import { invalid, readFilter } from './read-filter.ts';
import type { ScimFault } from './scim-connection.ts';

/** What an attribute is, and where its value is found: an SQL expression. */
export type FilterAttribute = SingleAttribute | ManyAttribute;

interface SingleAttribute {
  readonly kind: 'text' | 'exactText' | 'boolean' | 'time';
  readonly value: SQL;
}

/** Several values, of which one must do: SQL of their rows, and their own attributes by name in lower case. */
interface ManyAttribute {
  readonly kind: 'many';
  readonly rows: SQL;
  readonly parts: FilterAttributes;
}

/** Attributes that a filter may name, by name in lower case. */
export type FilterAttributes = ReadonlyMap<string, FilterAttribute>;

/** Thrown within this file only, where a filter names what it may not. */
class Unsupported extends Error {}

/**
 * A filter as an SQL condition, which is never null. Values are parameters; names are looked up, and one that is not there
 * is refused. Texts are compared in any case unless their attribute is exact (RFC 7643, section 2.2).
 */
export function filterToSql(text: string | undefined, attributes: FilterAttributes): Result<SQL, ScimFault> {
  if (text === undefined) return ok(sql`true`);
  const filter = readFilter(text);
  if (!filter.ok) return filter;
  try {
    return ok(toCondition(filter.value, attributes));
  } catch (error) {
    if (error instanceof Unsupported) return invalid(error.message);
    throw error;
  }
}

function toCondition(filter: Filter, attributes: FilterAttributes): SQL {
  switch (filter.op) {
    case 'and':
    case 'or': {
      const parts = filter.filters.map((each) => toCondition(each, attributes));
      return sql`(${sql.join(parts, filter.op === 'and' ? sql` and ` : sql` or `)})`;
    }
    case 'not':
      return sql`(not ${toCondition(filter.filter, attributes)})`;
    case '[]': {
      const attribute = find(filter.attrPath, attributes);
      if (attribute.kind !== 'many') throw new Unsupported(`asks for parts of ${filter.attrPath}, which has none`);
      return anyOf(attribute.rows, toCondition(filter.valFilter, attribute.parts));
    }
    default:
      return compare(filter, find(filter.attrPath, attributes));
  }
}

/** By its name, with or without its schema's. A part of several values is found behind a dot. */
function find(path: string, attributes: FilterAttributes): FilterAttribute {
  const name = path.slice(path.lastIndexOf(':') + 1).toLowerCase();
  const known = attributes.get(name);
  if (known) return known;
  const [, whole = '', part = ''] = /^([^.]+)\.([^.]+)$/.exec(name) ?? [];
  const many = attributes.get(whole);
  const inner = many?.kind === 'many' ? many.parts.get(part) : undefined;
  if (many?.kind !== 'many' || !inner) throw new Unsupported(`names ${path}, by which nothing can be found here`);
  return { ...many, parts: new Map([['value', inner]]) };
}

type Comparison = Compare | Extract<Filter, { op: 'pr' }>;

function compare(filter: Comparison, attribute: FilterAttribute): SQL {
  if (attribute.kind === 'many') {
    const value = attribute.parts.get('value');
    if (!value) throw new Unsupported(`compares ${filter.attrPath}, which has no value of its own`);
    return anyOf(attribute.rows, compare(filter, value));
  }
  return compareOne(filter, attribute);
}

function compareOne(filter: Comparison, attribute: SingleAttribute): SQL {
  if (filter.op === 'pr') return sql`(${attribute.value} is not null)`;
  const { op, compValue, attrPath } = filter;
  if (compValue === null) {
    if (op === 'eq') return sql`(${attribute.value} is null)`;
    if (op === 'ne') return sql`(${attribute.value} is not null)`;
    throw new Unsupported(`compares ${attrPath} with null by ${op}`);
  }
  if (op === 'ne') return sql`(not ${compareOne({ ...filter, op: 'eq' }, attribute)})`;
  switch (attribute.kind) {
    case 'boolean':
      return compareBoolean(filter, attribute.value);
    case 'time':
      return compareTime(filter, attribute.value);
    case 'text':
      return compareText(filter, sql`lower(${attribute.value})`, sql`lower(${textOf(filter)}::text)`);
    case 'exactText':
      return compareText(filter, attribute.value, sql`${textOf(filter)}::text`);
  }
}

function compareBoolean({ op, compValue, attrPath }: Compare, value: SQL): SQL {
  const wanted = String(compValue).toLowerCase();
  if (op !== 'eq' || (wanted !== 'true' && wanted !== 'false')) {
    throw new Unsupported(`compares ${attrPath}, which is true or false, with something else`);
  }
  return sql`coalesce(${value} = ${wanted === 'true'}::boolean, false)`;
}

const ORDER: { readonly [Op in Compare['op']]?: SQL } = {
  eq: sql`=`,
  gt: sql`>`,
  ge: sql`>=`,
  lt: sql`<`,
  le: sql`<=`,
};

/** Times that Postgres and ISO 8601 write alike. */
const EARLIEST = Date.UTC(1, 0, 1);
const LATEST = Date.UTC(9999, 0, 1);

function compareTime({ op, compValue, attrPath }: Compare, value: SQL): SQL {
  const order = ORDER[op];
  const time = typeof compValue === 'string' ? Date.parse(compValue) : Number.NaN;
  if (!order || !(time >= EARLIEST && time <= LATEST))
    throw new Unsupported(`compares ${attrPath} with what is no time, or by ${op}`);
  const wanted = sql`${new Date(time).toISOString()}::timestamptz`;
  return sql`coalesce(date_trunc('milliseconds', ${value}) ${order} ${wanted}, false)`;
}

function compareText({ op }: Compare, value: SQL, wanted: SQL): SQL {
  const order = ORDER[op];
  if (order) return sql`coalesce(${value} collate "C" ${order} ${wanted} collate "C", false)`;
  switch (op) {
    case 'co':
      return sql`coalesce(strpos(${value}, ${wanted}) > 0, false)`;
    case 'sw':
      return sql`coalesce(starts_with(${value}, ${wanted}), false)`;
    default:
      return sql`coalesce(right(${value}, length(${wanted})) = ${wanted}, false)`;
  }
}

function textOf({ compValue, attrPath }: Compare): string {
  if (typeof compValue !== 'string')
    throw new Unsupported(`compares ${attrPath}, which is a text, with something else`);
  return compValue;
}

function anyOf(rows: SQL, condition: SQL): SQL {
  return sql`exists (select from ${rows} where ${condition})`;
}
