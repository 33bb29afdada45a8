import { type ASTNode, Environment } from '@marcbachmann/cel-js';

/**
 * What a condition can ask of a request. Whole numbers are bigints, as the language's `int`. Members may be getters: only
 * what a condition names is read.
 */
export interface ConditionFacts {
  readonly request: {
    readonly taskType: string;
    readonly stream: boolean;
    readonly hasTools: boolean;
    readonly hasImages: boolean;
    readonly hasFiles: boolean;
    readonly wantsJson: boolean;
  };
  /** The request's own, its whole numbers as bigints. */
  readonly metadata: { readonly [key: string]: unknown };
  readonly tenant: {
    readonly id: string;
    readonly plan: string;
    readonly region: string;
    readonly environment: string;
    readonly environmentType: string;
  };
  /** By the tenant's clock. `weekday` is 1 for Monday to 7 for Sunday; `date` is as in `2026-11-30`. */
  readonly time: { readonly date: string; readonly weekday: bigint; readonly hour: bigint; readonly minute: bigint };
  /** The input as estimated, and the most that the output may have. */
  readonly tokens: { readonly input: bigint; readonly output: bigint };
}

/** A condition that may be asked of any number of requests. */
export type Condition = (facts: ConditionFacts) => boolean;

const LIMITS = { maxAstNodes: 200, maxDepth: 16, maxListElements: 100, maxMapEntries: 1, maxCallArguments: 4 };

/** Functions whose cost is at most in proportion to what they are given. `matches` is not: it is a regular expression. */
const FUNCTIONS: ReadonlySet<string> = new Set([
  ...['has', 'size', 'startsWith', 'endsWith', 'contains', 'lowerAscii', 'upperAscii', 'trim'],
  ...['int', 'double', 'string', 'all', 'exists', 'exists_one'],
]);

/** Those that look at every item of a list. One within another would look at every pair of items. */
const LOOPS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one']);

const LANGUAGE = new Environment({ limits: LIMITS })
  .registerVariable({
    name: 'request',
    schema: {
      ...{ taskType: 'string', stream: 'bool', hasTools: 'bool' },
      ...{ hasImages: 'bool', hasFiles: 'bool', wantsJson: 'bool' },
    },
  })
  .registerVariable('metadata', 'map<string, dyn>')
  .registerVariable({
    name: 'tenant',
    schema: { id: 'string', plan: 'string', region: 'string', environment: 'string', environmentType: 'string' },
  })
  .registerVariable({ name: 'time', schema: { date: 'string', weekday: 'int', hour: 'int', minute: 'int' } })
  .registerVariable({ name: 'tokens', schema: { input: 'int', output: 'int' } });

/**
 * What is wrong with the text of a condition (CEL, https://github.com/google/cel-spec), or null. A condition that passes is
 * of bounded size, names only what there is, is true or false, and takes at most one pass over what it is asked of.
 */
export function faultOfCondition(text: string): string | null {
  const parsed = parse(text);
  if (!parsed.ok) return parsed.fault;
  const { ast, check } = parsed.expression;
  const refused = refusedCall(ast, false);
  if (refused !== null) return refused;
  const checked = check();
  if (!checked.valid) return firstLine(checked.error);
  return checked.type === 'bool' ? null : `is a ${checked.type}, and must be true or false`;
}

/** A condition to ask. A text with a fault, or one that fails on a request, is false. */
export function compileCondition(text: string): Condition {
  if (faultOfCondition(text) !== null) return () => false;
  const parsed = parse(text);
  if (!parsed.ok) return () => false;
  const { expression } = parsed;
  return (facts) => {
    try {
      return expression(facts) === true;
    } catch {
      return false;
    }
  };
}

type Expression = ReturnType<Environment['parse']>;
type Parsed = { readonly ok: true; readonly expression: Expression } | { readonly ok: false; readonly fault: string };

function parse(text: string): Parsed {
  try {
    return { ok: true, expression: LANGUAGE.parse(text) };
  } catch (error) {
    return { ok: false, fault: firstLine(error) };
  }
}

/** The language's own words, without the drawing of where it stopped. */
function firstLine(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'cannot be read';
}

/** Why a call within a condition is not allowed; null when all are. */
function refusedCall(node: unknown, isInLoop: boolean): string | null {
  if (Array.isArray(node))
    return node.map((part) => refusedCall(part, isInLoop)).find((fault) => fault !== null) ?? null;
  if (!isNode(node)) return null;
  const name = node.op === 'call' || node.op === 'rcall' ? String(node.args[0]) : null;
  if (name !== null && !FUNCTIONS.has(name)) return `calls ${name}(), which is not offered`;
  const isLoop = name !== null && LOOPS.has(name);
  if (isLoop && isInLoop) return `has ${name}() within another loop`;
  return refusedCall(node.args, isInLoop || isLoop);
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}
