import { matchesGlob } from 'node:path';
import { expect, it } from 'vitest';
import { PROJECTS } from '../../vitest.config.ts';
import { projectFiles } from './project-files.ts';

function suitesOf(path: string): string[] {
  const suites = PROJECTS.filter(({ test }) => test.include.some((pattern) => matchesGlob(path, pattern)));
  return suites.map(({ test }) => test.name);
}

it('every test file is run, and once', () => {
  const files = projectFiles().filter(({ path }) => /\.(test|spec)\.[jt]sx?$/.test(path));
  expect(files.filter(({ path }) => suitesOf(path).length !== 1).map(({ path }) => path)).toEqual([]);
});

it('a test file outside every suite is found out', () => {
  expect(suitesOf('shared/domain/admission/hold.test.ts')).toEqual(['unit']);
  expect(suitesOf('docs/quota.test.ts')).toEqual([]);
});
