import { describe, expect, it } from 'vitest';
import { type ProjectFile, projectFiles } from './project-files.ts';

const MAX_LINES = 400;
const MAX_TEST_LINES = 600;
const MAX_ENTRY_LINES = 80;

/** Words that a file may not contain. Biome holds the rules that it has, such as those against `any` and `!`. */
const FORBIDDEN_TEXT = [
  { pattern: /\b(TODO|FIXME|XXX|HACK)\b/, why: 'unfinished work belongs into an issue' },
  { pattern: /biome-ignore|@ts-(ignore|expect-error|nocheck)|eslint-disable/, why: 'a rule is followed or changed' },
  { pattern: /\b(it|test|describe)\.(only|skip|todo|fails)\b/, why: 'a test runs and passes' },
  { pattern: /\bretry: [1-9]/, why: 'a test passes the first time' },
];

function violations({ path, text }: ProjectFile): string[] {
  const isTest = path.startsWith('test/') || path.endsWith('.test.ts');
  const name = path.split('/').at(-1) ?? '';
  const limit = isTest ? MAX_TEST_LINES : name === 'index.ts' ? MAX_ENTRY_LINES : MAX_LINES;
  const lines = text.trimEnd().split('\n').length;
  return [
    ...(lines > limit ? [`${lines} lines, at most ${limit}`] : []),
    ...(/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d))?\.[jt]s$/.test(name) ? [] : ['not in kebab-case']),
    ...(/^(utils?|helpers?|common|misc)\./.test(name) ? ['named for nothing'] : []),
    ...FORBIDDEN_TEXT.filter(({ pattern }) => pattern.test(text)).map(({ why }) => why),
  ].map((why) => `${path}: ${why}`);
}

describe('every source file', () => {
  it('is short, named for what it does, finished, and switches no rule off', () => {
    const sources = projectFiles().filter(({ path }) => /\.[jt]sx?$/.test(path) && !path.startsWith('test/guards/'));
    expect(sources.flatMap(violations)).toEqual([]);
  });

  it.each([
    ['shared/a.ts', 'x\n'.repeat(MAX_LINES + 1)],
    ['test/a.test.ts', 'x\n'.repeat(MAX_TEST_LINES + 1)],
    ['workers/gateway/index.ts', 'x\n'.repeat(MAX_ENTRY_LINES + 1)],
    ['shared/camelCase.ts', ''],
    ['shared/utils.ts', ''],
    ['shared/a.ts', '// TODO'],
    ['shared/a.ts', '// biome-ignore lint: why'],
    ['shared/a.ts', '// @ts-expect-error'],
    ['shared/a.test.ts', "it.only('runs alone', () => {});"],
    ['vitest.config.ts', 'export default { retry: 2 };'],
  ])('is found out: %s', (path, text) => {
    expect(violations({ path, text })).toHaveLength(1);
  });
});
