import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
const SOURCE = join(ROOT, 'scripts/audit');
const PROGRAM = 'eufm-audit.js';

/**
 * Builds `eufm-audit` as it is published: one file for Node 20 without dependencies, so that whoever verifies a log needs
 * nothing else of ours and nothing from anywhere. What was in `outDir` is gone.
 */
export async function buildAuditPackage(outDir = join(ROOT, 'dist/audit')): Promise<void> {
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: [join(SOURCE, 'verify-cli.ts')],
    outfile: join(outDir, PROGRAM),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    charset: 'utf8',
    logLevel: 'silent',
  });
  writeFileSync(join(outDir, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
  cpSync(join(SOURCE, 'package-readme.md'), join(outDir, 'README.md'));
  const zod = dirname(createRequire(import.meta.url).resolve('zod/package.json')); // the one package that is in the file
  cpSync(join(zod, 'LICENSE'), join(outDir, 'LICENSE-zod'));
}

function manifest(): object {
  const { version, license } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return {
    ...{ name: 'eufm-audit', version, license, type: 'module' },
    description: 'Verifies an exported audit log of EUFM Orchestrator, offline.',
    engines: { node: '>=20' },
    bin: { 'eufm-audit': PROGRAM },
  };
}

if (import.meta.main) await buildAuditPackage();
