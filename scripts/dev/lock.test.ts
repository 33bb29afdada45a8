import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findHolder, lockDirectory } from './lock.ts';

it('knows the process that holds a folder from a later one with its number', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'eufm-lock-'));
  const file = join(directory, 'lock.json');
  const unlock = await lockDirectory(directory, 'http://localhost:8787');
  expect(findHolder(directory)).toMatchObject({ pid: process.pid, url: 'http://localhost:8787' });

  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), fingerprint: '1 another process' }));
  expect(findHolder(directory)).toBeNull();

  unlock();
  expect(findHolder(directory)).toBeNull();
  rmSync(directory, { recursive: true });
});
