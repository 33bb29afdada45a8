import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

const ROOT = join(import.meta.dirname, '../..');

/** Licences of what we ship: they ask for a notice at most. See docs/compliance/dependency-policy.md. */
const ALLOWED = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Unlicense',
];

const lockedPackage = z.object({
  version: z.string().optional(),
  license: z.string().optional(),
  dev: z.boolean().default(false),
  integrity: z.string().optional(),
  hasInstallScript: z.boolean().default(false),
});
type LockedPackage = z.infer<typeof lockedPackage>;

const read = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
const { packages } = z.object({ packages: z.record(z.string(), lockedPackage) }).parse(read('package-lock.json'));
const manifest = z
  .object({
    allowScripts: z.record(z.string(), z.boolean()),
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
    optionalDependencies: z.record(z.string(), z.string()),
  })
  .parse(read('package.json'));
const installed = Object.entries(packages).filter(([path]) => path !== '');

/** If one of the licences that an SPDX expression offers is allowed; of those joined by AND, all. */
function isAllowed(expression: string | undefined): boolean {
  if (expression === undefined) return false;
  const choices = expression.replaceAll(/[()]/g, '').split(' OR ');
  return choices.some((choice) => choice.split(' AND ').every((license) => ALLOWED.includes(license)));
}

function unlicensed(locked: readonly (readonly [string, LockedPackage])[]): string[] {
  const shipped = locked.filter(([, { dev }]) => !dev);
  return shipped.filter(([, { license }]) => !isAllowed(license)).map(([path, { license }]) => `${path}: ${license}`);
}

/** Packages with an install script that nobody has decided on. */
function undecided(
  locked: readonly (readonly [string, LockedPackage])[],
  decisions: Readonly<Record<string, boolean>>,
) {
  const names = locked
    .filter(([, { hasInstallScript }]) => hasInstallScript)
    .map(([path]) => path.split('node_modules/').at(-1) ?? '');
  return [...new Set(names)].filter((name) => !Object.hasOwn(decisions, name));
}

describe('packages', () => {
  it('that are shipped have a licence that is allowed', () => {
    expect(installed.filter(([, { dev }]) => !dev).length).toBeGreaterThan(Object.keys(manifest.dependencies).length);
    expect(unlicensed(installed)).toEqual([]);
  });

  it('run an install script only if somebody decided that they may', () => {
    expect(undecided(installed, manifest.allowScripts)).toEqual([]);
  });

  it('are pinned: by an exact version, and each by its digest', () => {
    const { dependencies, devDependencies, optionalDependencies } = manifest;
    const versions = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
    expect(installed.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual(
      [],
    );
  });

  it.each([
    ['GPL-3.0-only', false],
    ['MIT AND GPL-3.0-only', false],
    [undefined, false],
    ['SEE LICENSE IN LICENSE', false],
    ['(MIT OR GPL-3.0-only)', true],
    ['MIT AND ISC', true],
  ])('are found out by their licence: %s', (license, allowed) => {
    const entry = ['node_modules/a', lockedPackage.parse({ license })] as const;
    expect(unlicensed([entry])).toHaveLength(allowed ? 0 : 1);
  });

  it('are found out by their install script', () => {
    const entry = ['node_modules/b/node_modules/@a/b', lockedPackage.parse({ hasInstallScript: true })] as const;
    expect(undecided([entry], { b: true })).toEqual(['@a/b']);
    expect(undecided([entry], { '@a/b': false })).toEqual([]);
  });
});
