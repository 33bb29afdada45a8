import { describe, expect, it } from 'vitest';
import { type ProjectFile, projectFiles } from './project-files.ts';

/** What no file may contain, whatever its kind. */
const LEAKS = [
  { name: 'a path of one machine', pattern: /(?<![\w.:/-])\/(?:work|root|home\/\w+|Users\/\w+)\/\w/ },
  {
    name: 'the host of a package registry',
    pattern: /"resolved"\s*:\s*"|\b_authToken=|\bregistry\s*=\s*https?:|\/-\/[\w.-]+\.tgz/,
  },
  { name: 'a private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/ },
  {
    name: 'an API key of a vendor',
    pattern: /\b(?:(?:sk|rk|pk|pplx|whsec)[-_](?:[a-z]+[-_]\d*)?[A-Za-z0-9]{20,}|AIza[\w-]{35}|AKIA[A-Z0-9]{16})/,
  },
  { name: 'a token of a vendor', pattern: /\b(?:gh[pousr]_|github_pat_|xox[abp]-|npm_|napi_|npg_)[A-Za-z0-9]{12,}/ },
  { name: 'an API key of ours', pattern: /\beufm_(?:eu|us)_(?:dev|staging|prod)_[0-9A-Za-z]{60,}/ },
  { name: 'a signed token', pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{40,}/ },
  { name: 'a database password', pattern: /postgres(?:ql)?:\/\/\w+:[\w-]{16,}@/ },
];

function violations(files: readonly ProjectFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    LEAKS.flatMap(({ name, pattern }) => {
      const found = pattern.exec(text);
      return found ? [`${path}:${text.slice(0, found.index).split('\n').length}: ${name}`] : [];
    }),
  );
}

describe('the repository', () => {
  it('tells nothing of a machine, a registry or a secret', () => {
    const files = projectFiles();
    expect(files.map(({ path }) => path)).toContain('package-lock.json');
    expect(violations(files)).toEqual([]);
  });

  const filler = 'a1B2c3D4'.repeat(12);
  it.each([
    ['a path of one machine', ['see ', 'home', 'someone', 'notes'].join('/')],
    ['the host of a package registry', ['"resolved"', '"https://packages.example/a"'].join(': ')],
    ['the host of a package registry', ['registry', 'https://packages.example'].join('=')],
    ['a private key', ['-----BEGIN', 'PRIVATE KEY-----'].join(' ')],
    ['an API key of a vendor', ['sk', filler].join('-')],
    ['an API key of a vendor', ['sk', 'ant', `api03${filler}`].join('-')],
    ['an API key of a vendor', ['sk', 'live', filler].join('_')],
    ['a token of a vendor', ['ghp', filler].join('_')],
    ['an API key of ours', ['eufm', 'eu', 'prod', filler].join('_')],
    ['a signed token', ['eyJhbGciOiJSUzI1NiJ9', 'eyJzdWIiOiJ1c2VyIn0', filler].join('.')],
    ['a database password', ['postgres://owner', `${filler}@db.example/app`].join(':')],
  ])('would tell %s', (name, text) => {
    expect(violations([{ path: 'a.md', text }])).toEqual([`a.md:1: ${name}`]);
  });
});
