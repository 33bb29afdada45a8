import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ProjectFile, projectFiles } from './project-files.ts';

const FIGURE = /\b[ACFILMRSTUW]\d{1,2}\b/g;

/** What a page of a table's proofs names that is not there: files, and figures that no test is named by. */
function violations({ path, text }: ProjectFile, files: readonly ProjectFile[]): string[] {
  const paths = new Set(files.map((file) => file.path));
  const tests = files.filter(({ path }) => path.endsWith('.test.ts'));
  const links = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, target = '']) =>
    posix.join(posix.dirname(path), target),
  );
  const proofs = text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split(' | ').at(-1) ?? '');
  const figures = new Set(
    proofs
      .join()
      .replaceAll(/\([^)]*\)/g, '')
      .match(FIGURE) ?? [],
  );
  const isShown = (figure: string) => tests.some(({ text }) => new RegExp(`['"\`]${figure}\\b`).test(text));
  return [
    ...links.filter((link) => !paths.has(link)).map((link) => `${path}: no file ${link}`),
    ...[...figures].filter((figure) => !isShown(figure)).map((figure) => `${path}: no test of ${figure}`),
  ];
}

describe('docs/compliance', () => {
  const files = projectFiles();
  const pages = files.filter(({ path }) => path.startsWith('docs/compliance/'));

  it('names tests and figures that exist', () => {
    expect(pages.length).toBeGreaterThanOrEqual(3);
    expect(pages.flatMap((page) => violations(page, files))).toEqual([]);
  });

  it('leaves out no test of hostile input', () => {
    const named = pages.map(({ text }) => text).join();
    for (const id of ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7', 'I8']) expect(named).toMatch(new RegExp(`\\b${id}\\b`));
  });

  it('is found out where it names what is not there', () => {
    const text = '| a | b | T1, T99: [x](../../test/nothing.test.ts) |';
    const test = { path: 'test/a.test.ts', text: "describe('T1: every route', () => {});" };
    const page = { path: 'docs/compliance/README.md', text };
    expect(violations(page, [page, test])).toEqual([
      'docs/compliance/README.md: no file test/nothing.test.ts',
      'docs/compliance/README.md: no test of T99',
    ]);
  });
});
