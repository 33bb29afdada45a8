import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderAsyncApi, renderOpenApi } from '../../scripts/openapi.ts';

const ROOT = join(import.meta.dirname, '../..');

function lint(file: string) {
  const redocly = join(ROOT, 'node_modules/.bin/redocly');
  const { status, stdout, stderr } = spawnSync(redocly, ['lint', file], { cwd: ROOT, encoding: 'utf8' });
  return { isClean: status === 0, output: stdout + stderr };
}

describe('openapi.json', () => {
  it('says what the code does', () => {
    const committed = readFileSync(join(ROOT, 'openapi.json'), 'utf8');
    expect(committed, 'run `npm run openapi` and commit openapi.json').toBe(renderOpenApi());
  });

  it('is clean to the linter', () => {
    const { isClean, output } = lint('openapi.json');
    expect(isClean, output).toBe(true);
  });

  it('would be refused by the linter for as little as a missing summary', () => {
    const directory = mkdtempSync(join(tmpdir(), 'eufm-lint-'));
    try {
      const file = join(directory, 'openapi.json');
      writeFileSync(file, renderOpenApi().replace(/"summary": ".*",/, ''));
      const { isClean, output } = lint(file);
      expect(isClean).toBe(false);
      expect(output).toContain('operation-summary');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('docs/asyncapi.json', () => {
  it('says what the code does', () => {
    const committed = readFileSync(join(ROOT, 'docs/asyncapi.json'), 'utf8');
    expect(committed, 'run `npm run openapi` and commit docs/asyncapi.json').toBe(renderAsyncApi());
  });

  it('is clean to the linter, which finds a channel that is not there', () => {
    const { isClean, output } = lint('docs/asyncapi.json');
    expect(isClean, output).toBe(true);
    const directory = mkdtempSync(join(tmpdir(), 'eufm-lint-'));
    try {
      const file = join(directory, 'asyncapi.json');
      writeFileSync(file, renderAsyncApi().replaceAll('#/channels/events"', '#/channels/others"'));
      expect(lint(file).isClean).toBe(false);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
