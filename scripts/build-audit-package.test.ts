import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64 } from '../shared/domain/audit/signed-note.ts';
import { entryText, exportedLog, makeLogKey } from '../test/harness/exported-log.ts';
import { buildAuditPackage } from './build-audit-package.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'eufm-audit-package-'));
  await buildAuditPackage(join(folder, 'package'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('eufm-audit as a package', () => {
  it('is one program, which imports nothing but what Node has', () => {
    const at = join(folder, 'package');
    expect(readdirSync(at).sort()).toEqual(['LICENSE-zod', 'README.md', 'eufm-audit.js', 'package.json']);
    const program = readFileSync(join(at, 'eufm-audit.js'), 'utf8');
    expect(program.startsWith('#!/usr/bin/env node\n')).toBe(true);
    const imported = [...program.matchAll(/^import .*?["']([^"']+)["'];$/gm)].map(([, name]) => name);
    expect(imported).toContain('node:crypto');
    expect(imported.filter((name) => !name?.startsWith('node:'))).toEqual([]);
    const manifest = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: 'eufm-audit', bin: { 'eufm-audit': 'eufm-audit.js' } });
    expect(manifest).not.toHaveProperty('dependencies');
  });

  it('verifies a log where nothing else is, and finds one out that was changed', async () => {
    const key = makeLogKey();
    const lines = await exportedLog(key, [entryText(1), entryText(2)], 1);
    const verify = async (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      const args = [join('package', 'eufm-audit.js'), 'verify', name, '--key', toBase64(key.publicKey)];
      return await promisify(execFile)(process.execPath, args, { cwd: folder }).then(
        ({ stdout }) => ({ code: 0, stdout }),
        ({ code, stdout }) => ({ code, stdout }),
      );
    };
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    expect(await verify('good.jsonl', text)).toMatchObject({ code: 0, stdout: expect.stringContaining('GOOD') });
    const changed = await verify('changed.jsonl', text.replace('budget.updated', 'budget.deleted'));
    expect(changed).toMatchObject({ code: 1, stdout: expect.stringContaining('BAD at entry 0') });
  });
});
