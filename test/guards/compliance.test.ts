import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ProjectFile, projectFiles } from './project-files.ts';

/** This file, which names figures and shows none. */
const HERE = 'test/guards/compliance.test.ts';
const FIGURE = /\b[ACFILMRSTUW]\d{1,2}\b/g;

/** What a page of tables of proofs names that is not there: files, and figures that no test of their row is named by. */
function violations(page: ProjectFile, files: readonly ProjectFile[]): string[] {
  const paths = new Set(files.map((file) => file.path));
  const proofs = page.text
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split(' | ').at(-1) ?? '');
  return [
    ...linksOf(page, page.text)
      .filter((link) => !paths.has(link))
      .map((link) => `${page.path}: no file ${link}`),
    ...proofs.flatMap((proof) => unshown(page, proof, files)).map((figure) => `${page.path}: no test of ${figure}`),
  ];
}

/** Figures of one row that are shown by none of its tests; where it names no file, by none at all. */
function unshown(page: ProjectFile, proof: string, files: readonly ProjectFile[]): string[] {
  const links = linksOf(page, proof);
  const tests = files.filter(({ path }) => path.endsWith('.test.ts') && path !== HERE);
  const ofRow = links.length === 0 ? tests : tests.filter(({ path }) => links.includes(path));
  const figures = new Set(proof.replaceAll(/\([^)]*\)/g, '').match(FIGURE) ?? []);
  return [...figures].filter((figure) => !ofRow.some(({ text }) => new RegExp(`['"\`]${figure}\\b`).test(text)));
}

function linksOf({ path }: ProjectFile, text: string): string[] {
  return [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, target = '']) =>
    posix.join(posix.dirname(path), target),
  );
}

const numbered = (group: string, count: number) => Array.from({ length: count }, (_, at) => `${group}${at + 1}`);

describe('docs/compliance', () => {
  const files = projectFiles();
  const pages = files.filter(({ path }) => path.startsWith('docs/compliance/'));

  it('names tests and figures that exist', () => {
    expect(pages.length).toBeGreaterThanOrEqual(3);
    expect(pages.flatMap((page) => violations(page, files))).toEqual([]);
  });

  it('leaves out no figure of secrets, of the audit log or of hostile input', () => {
    const named = new Set(pages.flatMap(({ text }) => text.match(FIGURE) ?? []));
    const figures = [...numbered('S', 6), ...numbered('U', 8), ...numbered('I', 8)];
    expect(figures.filter((figure) => !named.has(figure))).toEqual([]);
  });

  it('is found out where it names what is not there', () => {
    const found = (text: string) => {
      const page = { path: 'docs/compliance/README.md', text: `| a | b | ${text} |` };
      const tests = ['T1', 'T2'].map((id) => ({ path: `test/${id}.test.ts`, text: `describe('${id}: a route');` }));
      return violations(page, [page, ...tests]).map((each) => each.replace(`${page.path}: `, ''));
    };
    expect(found('T1, T99: [x](../../test/nothing.test.ts)')).toEqual([
      'no file test/nothing.test.ts',
      'no test of T1',
      'no test of T99',
    ]);
    expect(found('T1, T2: [x](../../test/T1.test.ts)')).toEqual(['no test of T2']);
    expect(found('T1, T2: [x](../../test/T1.test.ts), [y](../../test/T2.test.ts)')).toEqual([]);
    expect(found('T1, T2')).toEqual([]);
    expect(found('T3')).toEqual(['no test of T3']);
  });
});
