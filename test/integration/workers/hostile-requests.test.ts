import { exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { PERMISSIONS } from '../../../shared/auth/permissions.ts';
import { mintTenant } from '../../harness/mint-tenant.ts';

const BASE = 'https://gateway.test';
const ALL = { scopes: PERMISSIONS };

const fetchAs = (headers: HeadersInit, path: string, init: RequestInit = {}) =>
  exports.default.fetch(`${BASE}${path}`, { ...init, headers });

/** What is left of a path when its parser has done away with plain dots: those never reach the gateway. */
const CLIMBS = [
  ...['..%2f..%2fhealthz', '..%2F..%2Fv1%2Fmodels', '..%5c..%5chealthz', '%252e%252e%252fhealthz', '..%252fhealthz'],
  ...['..%c0%afhealthz', '..%ef%bc%8fhealthz', '....//healthz', '..;/healthz', ';/..;/healthz', '%00', 'a%00.json'],
  ...['%2f', '%5c', '%0d%0a', '%2fetc%2fpasswd', 'file:%2f%2f%2fetc%2fpasswd', '%20..%2fhealthz', '*', '%ff%fe'],
];

const PLACES = [
  'budgets',
  'rate-limits',
  'api-keys',
  'members',
  'roles',
  'invitations',
  'environments',
  'tenants',
  'identity-providers',
]
  .map((name) => `/v1/${name}/`)
  .concat('/v1/');

const HEADERS = [
  ...['traceparent', 'tracestate', 'baggage', 'x-request-id', 'x-env-id', 'x-eufm-policy', 'x-eufm-metadata'],
  ...['x-eufm-priority', 'origin', 'referer', 'user-agent', 'accept', 'accept-language', 'cf-connecting-ip'],
  ...['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-original-url', 'x-rewrite-url', 'forwarded'],
];

const INJECTIONS = [
  ...[
    'a%0d%0aX-Injected: 1',
    'a%0aSet-Cookie: injected=1',
    'a\\r\\nX-Injected: 1',
    'a\tX-Injected: 1',
    'a, X-Injected: 1',
  ],
  ...[
    'a; X-Injected=1',
    'a%E5%98%8D%E5%98%8AX-Injected:1',
    '"X-Injected": "1"',
    '/v1/budgets?injected',
    'injected.example',
  ],
];

/** Header lines of an answer that a request has put there. */
function injectedInto({ headers }: Response): string[] {
  return [...headers].map(([name, value]) => `${name}: ${value}`).filter((line) => /injected/i.test(line));
}

describe('I7: path traversal', () => {
  it('is accepted in none of 200 requests', async () => {
    const { headers } = await mintTenant(ALL);
    const paths = PLACES.flatMap((place) => CLIMBS.map((climb) => place + climb));
    expect(paths).toHaveLength(200);
    const accepted: string[] = [];
    for (const path of paths) {
      const method = path.split('/').length > 3 ? 'DELETE' : 'GET'; // each of the resources can be asked to delete
      const { status } = await fetchAs(headers, path, { method });
      if (![400, 403, 404].includes(status)) accepted.push(`${status} ${path}`);
    }
    expect(accepted).toEqual([]);
  });

  it('control: the same places answer to what is there', async () => {
    const { headers } = await mintTenant(ALL);
    expect((await fetchAs(headers, '/v1/budgets')).status).toBe(200);
    expect((await fetchAs(headers, '/healthz')).status).toBe(200);
  });
});

describe('I7: header injection', () => {
  it('puts nothing into the answers of 200 requests, nor changes what is asked', async () => {
    const { headers } = await mintTenant(ALL);
    const cases = HEADERS.flatMap((name) => INJECTIONS.map((value) => ({ name, value })));
    expect(cases).toHaveLength(200);
    const accepted: string[] = [];
    for (const { name, value } of cases) {
      const response = await fetchAs({ ...headers, [name]: value }, '/v1/permissions');
      const isOther = response.status === 200 && !(await response.text()).includes('"orchestrate:invoke"');
      if (isOther || response.status >= 500) accepted.push(`${response.status} ${name}: ${value}`);
      accepted.push(...injectedInto(response));
    }
    expect(accepted).toEqual([]);
  });

  it('is no header at all where it breaks the line', () => {
    for (const value of ['a\r\nX-Injected: 1', 'a\nX-Injected: 1', 'a\rX-Injected: 1', 'a\0b']) {
      for (const name of HEADERS) expect(() => new Headers({ [name]: value })).toThrow();
    }
  });

  it('takes no second tenant, credential or environment beside the first', async () => {
    const [mine, theirs] = [await mintTenant(ALL), await mintTenant(ALL)];
    for (const [name, more] of [
      ['x-tenant-id', theirs.tenantId],
      ['x-api-key', theirs.apiKey],
      ['x-env-id', theirs.environmentId],
    ] as const) {
      const headers = new Headers({ ...mine.headers, 'x-env-id': mine.environmentId });
      headers.append(name, more);
      expect([400, 401, 403]).toContain((await fetchAs(headers, '/v1/permissions')).status);
    }
  });

  it('control: an answer that repeats what it was sent is found out', () => {
    expect(injectedInto(new Response(null, { headers: { 'x-echo': INJECTIONS[0] ?? '' } }))).toHaveLength(1);
    expect(injectedInto(new Response(null, { headers: { 'X-Injected': '1' } }))).toHaveLength(1);
  });
});
