import { describe, expect, it } from 'vitest';
import { expectMatchesContract } from '../harness/openapi-response.ts';

const USAGE = {
  data: [
    {
      periodStart: '2026-01-01T00:00:00.000Z',
      periodEnd: '2026-01-01T01:00:00.000Z',
      unit: 'cost_usd',
      value: 0.000_003,
      costUsd: 0.000_003,
    },
  ],
  nextCursor: null,
  asOf: null,
};

const expectUsage = (body: unknown, init?: ResponseInit) =>
  expectMatchesContract(Response.json(body, init), 'GET', '/v1/metrics/usage');

describe('expectMatchesContract', () => {
  it('takes an answer as described, and leaves its body to be read', async () => {
    const response = Response.json(USAGE);
    await expectMatchesContract(response, 'GET', '/v1/metrics/usage');
    expect(await response.json()).toEqual(USAGE);
  });

  it.each([
    ['of another type', { ...USAGE, nextCursor: 7 }],
    ['of another value', { ...USAGE, data: [{ ...USAGE.data[0], unit: 'euros' }] }],
    ['of another format', { ...USAGE, data: [{ ...USAGE.data[0], periodStart: 'yesterday' }] }],
    ['that is not described', { ...USAGE, tenantId: 'another' }],
    ['deep down that is not described', { ...USAGE, data: [{ ...USAGE.data[0], internalId: 7 }] }],
  ])('refuses a field %s', async (_name, body) => {
    await expect(expectUsage(body)).rejects.toThrow('a body that is not as described');
  });

  it('refuses a body without a required field', async () => {
    await expect(expectUsage({ data: [] })).rejects.toThrow('nextCursor');
  });

  it('refuses a status and a media type that are not described', async () => {
    await expect(expectUsage(USAGE, { status: 201 })).rejects.toThrow('answered 201, described are 200');
    const headers = { 'content-type': 'text/html' };
    await expect(expectUsage(USAGE, { headers })).rejects.toThrow('"text/html", which is not described');
  });

  it('refuses an operation that is not described', async () => {
    await expect(expectMatchesContract(Response.json(USAGE), 'DELETE', '/v1/metrics/usage')).rejects.toThrow(
      'not described',
    );
    await expect(expectMatchesContract(Response.json(USAGE), 'GET', '/v1/secret')).rejects.toThrow('not described');
  });
});
