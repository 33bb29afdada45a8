import { describe, expect, it } from 'vitest';
import { type ProjectFile, workerSources } from './project-files.ts';

/** Where the API promised a JSON number of dollars, for people to read: nothing is decided or added up from it. */
const PROMISED = [
  'shared/contracts/http/orchestrate.ts',
  'shared/contracts/http/requests.ts',
  'shared/contracts/http/usage-metrics.ts',
  'shared/domain/pricing/cost.ts',
  'shared/services/query-usage.ts',
  'shared/services/request-fields.ts',
];

const FORBIDDEN = [
  {
    pattern: /\b\w*[uU]sd\w*\??:\s*(?:number\b|z\.(?:coerce\.)?(?:number|int|float)\w*\()/,
    why: 'money typed as a number',
  },
  {
    pattern: /\b(?:Number|parseFloat|parseInt)\(\s*[\w.]*(?:[uU]sd|[cC]ost|[aA]mount|[sS]pent|[hH]eld)\w*\b/,
    why: 'money turned into a number',
  },
  { pattern: /\b(?:real|doublePrecision)\(|\bnumeric\(\{[^}]*mode: 'number'/, why: 'a column that is not exact' },
];

function violations({ path, text }: ProjectFile): string[] {
  if (PROMISED.includes(path)) return [];
  return FORBIDDEN.filter(({ pattern }) => pattern.test(text)).map(({ why }) => `${path}: ${why}`);
}

describe('M10: money is never a floating-point number', () => {
  it('in any Worker, but where a number was promised to be shown', () => {
    expect(workerSources().flatMap(violations)).toEqual([]);
  });

  it('and every exception is still one', () => {
    const sources = workerSources().filter(({ path }) => PROMISED.includes(path));
    const found = sources.filter(({ text }) => FORBIDDEN.some(({ pattern }) => pattern.test(text)));
    expect(found.map(({ path }) => path).toSorted()).toEqual(PROMISED);
  });

  it.each([
    'interface A { readonly costUsd: number }',
    'const a = z.object({ amountUsd: z.number() });',
    'const a = z.object({ capPicoUsd: z.coerce.number() });',
    'const a = Number(budget.amountUsd);',
    'const a = parseFloat(spentText);',
    'const a = { price: doublePrecision() };',
    "const a = { price: numeric({ precision: 26, mode: 'number' }) };",
  ])('control: %s is found out', (text) => {
    expect(violations({ path: 'shared/a.ts', text })).toHaveLength(1);
  });

  it.each(['interface A { readonly costUsd: string }', 'const a = BigInt(budget.amountPicoUsd);'])(
    'while %s may be',
    (text) => {
      expect(violations({ path: 'shared/a.ts', text })).toEqual([]);
    },
  );
});
