import { tracing } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { spansFor } from '../../../shared/platform/native-spans.ts';

const activeSpan = async () => tracing.getActiveSpan();

it('runs work in a span of the runtime when switched on, and passes its result and failure on', async () => {
  expect(await spansFor('on').run('test', { 'eufm.tenant_id': 't' }, activeSpan)).toBeDefined();
  await expect(spansFor('on').run('test', {}, () => Promise.reject(new Error('as it was')))).rejects.toThrow(
    'as it was',
  );
});

it('only does the work when switched off', async () => {
  const before = tracing.getActiveSpan();
  expect(await spansFor('off').run('test', {}, activeSpan)).toBe(before);
});
