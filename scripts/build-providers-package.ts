import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
const SOURCE = join(ROOT, 'shared/providers');
const ENTRY = join(SOURCE, 'index.ts');
const TSC = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

/** What Node 20 has whole: newer syntax is translated, and a newer built-in does not compile. */
const EDITION = 'es2023';

/** An import in a declaration, as tsc writes them. */
const IMPORT = /(?<=\bfrom |\bimport\()(?<quote>['"])(?<specifier>[^'"]+)\k<quote>/g;

const run = promisify(execFile);

/**
 * Builds `@eufm/providers` as it is published: one ES module, the declarations that its entry reaches, README and
 * manifest. What was in `outDir` is gone. Throws when code or declarations import what the manifest does not declare.
 */
export async function buildProvidersPackage(outDir = join(ROOT, 'dist/providers')): Promise<void> {
  const manifest = readManifest();
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const imported = await Promise.all([bundle(join(outDir, 'index.js')), declare(join(outDir, 'types'))]);
  const undeclared = imported.flat().filter((name) => !Object.hasOwn(manifest.dependencies, name));
  if (undeclared.length > 0) throw new Error(`@eufm/providers does not declare ${undeclared.join(', ')}`);
  writeFileSync(join(outDir, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  cpSync(join(SOURCE, 'package-readme.md'), join(outDir, 'README.md'));
}

/** The manifest without what is for the sources only, which are never published themselves. */
function readManifest(): { readonly dependencies: Readonly<Record<string, string>> } {
  const {
    private: _private,
    devDependencies: _devDependencies,
    ...manifest
  } = JSON.parse(readFileSync(join(SOURCE, 'package.json'), 'utf8'));
  return manifest;
}

/** Answers the packages that the code imports. */
async function bundle(outfile: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [ENTRY],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: EDITION,
    packages: 'external',
    charset: 'utf8',
    metafile: true,
    logLevel: 'silent',
  });
  return Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
}

/** Answers the packages that the declarations import. */
async function declare(outDir: string): Promise<string[]> {
  const whole = mkdtempSync(join(tmpdir(), 'eufm-declarations-'));
  try {
    await emitDeclarations(whole);
    return copyReachable(whole, outDir);
  } finally {
    rmSync(whole, { recursive: true, force: true });
  }
}

async function emitDeclarations(outDir: string): Promise<void> {
  const emit = ['--declaration', '--emitDeclarationOnly', '--rootDir', dirname(SOURCE), '--outDir', outDir];
  const modules = ['--module', 'esnext', '--moduleResolution', 'bundler', '--allowImportingTsExtensions'];
  const rules = ['--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', '--target', EDITION, '--lib', EDITION];
  const args = [TSC, ENTRY, '--ignoreConfig', ...emit, ...modules, ...rules, '--types', '@cloudflare/workers-types'];
  await run(process.execPath, args, { cwd: ROOT }).catch(({ stdout, message }) => {
    throw new Error(`@eufm/providers does not compile:\n\n${stdout || message}`);
  });
}

/** Copies the entry and the declarations that it needs, importing each other by the names that they have at run time. */
function copyReachable(from: string, to: string): string[] {
  const packages = new Set<string>();
  const files = new Set([join(from, 'providers/index.ts')]);
  for (const file of files) {
    const text = readFileSync(file.replace(/\.ts$/, '.d.ts'), 'utf8').replaceAll(IMPORT, (_match, quote, specifier) => {
      if (specifier.startsWith('.')) files.add(resolve(dirname(file), specifier));
      else packages.add(specifier);
      return `${quote}${specifier.replace(/\.ts$/, '.js')}${quote}`;
    });
    const target = join(to, relative(from, file).replace(/\.ts$/, '.d.ts'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  return [...packages];
}

if (import.meta.main) await buildProvidersPackage();
