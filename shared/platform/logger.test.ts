import { expect, it } from 'vitest';
import { createLogger } from './logger.ts';

function capture(level = 'info') {
  const lines: string[] = [];
  const logger = createLogger({ service: 'test', level, write: (_level, line) => lines.push(line), now: () => 0 });
  return { lines, logger };
}

it('writes one JSON object per event, with the fields of its context', () => {
  const { lines, logger } = capture();
  logger.with({ requestId: 'r1' }).info('request', { status: 200, cost: 5n });
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    time: '1970-01-01T00:00:00.000Z',
    level: 'info',
    service: 'test',
    event: 'request',
    requestId: 'r1',
    status: 200,
    cost: '5',
  });
});

it('writes integers of any size as text, also within a field', () => {
  const { lines, logger } = capture();
  const money = { cost: 5n, parts: [2n, 3n] };
  logger.with({ held: 7n }).info('request', { money, status: 200 });
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    held: '7',
    money: { cost: '5', parts: ['2', '3'] },
    status: 200,
  });
  expect(money.cost).toBe(5n);
});

it('leaves out what is below its level', () => {
  const { lines, logger } = capture('warn');
  logger.info('quiet');
  logger.error('loud', { error: new Error('why', { cause: new Error('deeper') }) });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('deeper');
});

it.each([
  'eufm_eu_prod_2n3AbCdEfGhIjKlMnOpQrStUvWxYz0123456789',
  'eufm_invitation_2n3AbCdEfGhIjKlMnOpQrS_Ab-Cd_EfGhIjKlMnOpQrStUvWxYz0123456789AbCdEf',
  ['whsec', 'AbCdEf0123456789+/AbCdEf0123456789='].join('_'),
  'sk-proj-abcdef0123456789',
  'AIzaSyA0123456789abcdefghijklmn',
  'pplx-0123456789abcdef',
  'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
])('takes the secret %s out, even from an error’s message', (secret) => {
  const { lines, logger } = capture();
  logger.error('failed', { error: new Error(`refused ${secret}`), header: `Bearer ${secret}` });
  expect(lines[0]).not.toContain(secret);
  expect(lines[0]).toContain('[redacted]');
});

it('takes the password out of a connection string', () => {
  const { lines, logger } = capture();
  logger.error('failed', { detail: 'postgres://eufm_app:hunter2secret@db.example/eufm' });
  expect(lines[0]).not.toContain('hunter2secret');
});

it('leaves the parameters of a failed query out, which are rows of a tenant', () => {
  const { lines, logger } = capture();
  logger.error('failed', { error: new Error('Failed query: insert ($1)\nparams: {"note":"private"}\n    at private') });
  expect(lines[0]).toContain('Failed query');
  expect(JSON.parse(lines[0] ?? '').error.stack).toContain('logger.test.ts');
  expect(JSON.parse(lines[0] ?? '').error.message).not.toContain('private');
});

it('does not quote the text that a parser could not read', () => {
  const { lines, logger } = capture();
  try {
    JSON.parse('private words of a model');
  } catch (error) {
    logger.error('failed', { error: new Error('bad answer', { cause: error }) });
  }
  expect(lines[0]).toContain('malformed text');
  expect(lines[0]).not.toContain('private');
});
