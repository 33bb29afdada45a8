import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSettings } from './settings.ts';

const root = mkdtempSync(join(tmpdir(), 'eufm-settings-'));
writeFileSync(join(root, '.dev.vars'), 'PORT=9001\nOPENAI_API_KEY=from-file\nANTHROPIC_API_KEY="quoted"\n');
afterAll(() => rmSync(root, { recursive: true }));

const openai = (env: NodeJS.ProcessEnv) => readSettings(root, env).providers.find((p) => p.provider === 'openai');

describe('readSettings', () => {
  it('prefers the environment to .dev.vars, and .dev.vars to defaults', () => {
    expect(readSettings(root, {}).port).toBe(9001);
    expect(readSettings(root, { PORT: '9002' }).port).toBe(9002);
    expect(readSettings(tmpdir(), {}).port).toBe(8787);
    expect(openai({ OPENAI_API_KEY: 'from-environment' })?.apiKey).toBe('from-environment');
  });

  it('takes an empty value for none', () => {
    expect(openai({ OPENAI_API_KEY: '' })?.apiKey).toBe('from-file');
    expect(readSettings(tmpdir(), { GEMINI_API_KEY: '', DATABASE_URL: '' })).toMatchObject({
      databaseUrl: null,
      providers: expect.arrayContaining([expect.objectContaining({ provider: 'google', apiKey: null })]),
    });
  });

  it('refuses a port or a base URL that is none', () => {
    expect(() => readSettings(root, { PORT: '70000' })).toThrow('PORT is not a port: 70000');
    expect(() => openai({ OPENAI_BASE_URL: 'localhost:4010' })).toThrow('OPENAI_BASE_URL is not an http(s) URL');
  });
});
