import { describe, expect, it } from 'vitest';
import { mintTenant } from '../../harness/mint-tenant.ts';
import { SITE, TestBrowser } from '../../harness/test-browser.ts';

const CONSOLE = 'https://console.eufm.example';
const REQUESTS = 200;

/** Origins that are not allowed, each close to one that is. */
function otherOrigins(): string[] {
  const shapes: ((index: number) => string)[] = [
    (index) => `https://console.eufm.example.evil${index}.test`,
    (index) => `https://evil${index}console.eufm.example`,
    (index) => `https://sub${index}.console.eufm.example`,
    (index) => `https://console.eufm.example:${1024 + index}`,
    (index) => `http://console.eufm.example#${index}`,
    (index) => `https://user${index}@console.eufm.example`,
    (index) => `https://console.eufm.example/${index}`,
    (index) => `https://CONSOLE.eufm.example, https://evil${index}.test`,
    (index) => `null${index === 7 ? '' : index}`,
    (index) => `https://console-eufm${index}.example`,
  ];
  return Array.from({ length: REQUESTS }, (_, index) => shapes[index % shapes.length]?.(index) ?? '');
}

async function corsOf(origin: string, method: string): Promise<(string | null)[]> {
  const headers: Record<string, string> = { origin };
  if (method === 'OPTIONS') {
    headers['access-control-request-method'] = 'DELETE';
    headers['access-control-request-headers'] = 'x-tenant-id';
  }
  const response = await new TestBrowser().request('/v1/sessions', { method, headers });
  return [response.headers.get('access-control-allow-origin'), response.headers.get('vary')];
}

describe('I7: cross-origin requests', () => {
  it(`of ${REQUESTS} origins that are not allowed none may read an answer, or send with the cookie`, async () => {
    expect(new Set(otherOrigins()).size).toBe(REQUESTS);
    for (const origin of otherOrigins()) {
      for (const method of ['GET', 'OPTIONS']) {
        const [allowed] = await corsOf(origin, method);
        expect([origin, method, allowed]).toEqual([origin, method, null]);
      }
    }
  });

  it('control: one that is configured may, and caches are told that it depends on it', async () => {
    expect(await corsOf(CONSOLE, 'OPTIONS')).toEqual([CONSOLE, expect.stringContaining('Origin')]);
    expect(await corsOf(CONSOLE, 'GET')).toEqual([CONSOLE, 'Origin']);
    const response = await new TestBrowser().request('/v1/sessions', { headers: { origin: CONSOLE } });
    expect(response.headers.get('access-control-allow-credentials')).toBe('true');
  });
});

describe('I7: a method that is said elsewhere than in the request line', () => {
  const HEADERS = ['x-http-method-override', 'x-http-method', 'x-method-override', 'x-original-method'];
  const FIELDS = ['_method', 'method', '_HttpMethod', 'x-http-method-override'];
  const VERBS = ['DELETE', 'delete', 'PATCH', 'PUT', 'POST'];

  it(`is never the one that is done, in ${REQUESTS} requests`, async () => {
    const browser = new TestBrowser();
    await browser.signIn(`${crypto.randomUUID()}@example.test`);
    const { id } = (await (await browser.request('/v1/me')).json<{ session: { id: string } }>()).session;
    const target = `/v1/sessions/${id}`;
    let accepted = 0;
    for (let index = 0; index < REQUESTS; index++) {
      const verb = VERBS[index % VERBS.length] ?? '';
      const [header = '', field = ''] = [HEADERS[index % HEADERS.length], FIELDS[index % FIELDS.length]];
      const isForm = index % 2 === 0;
      const response = await browser.request(isForm ? target : `${target}?${field}=${verb}`, {
        method: isForm ? 'POST' : 'GET',
        headers: {
          ...{ origin: SITE, [header]: verb },
          ...(isForm && { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(isForm && { body: new URLSearchParams({ [field]: verb }).toString() }),
      });
      if (response.status !== 405) accepted++;
    }
    expect(accepted).toBe(0);
    expect((await browser.request('/v1/me')).status).toBe(200);
    const done = await browser.request(target, { method: 'DELETE', headers: { origin: SITE } });
    expect(done.status).toBe(204); // control: the method itself ends it
    expect((await browser.request('/v1/me')).status).toBe(401);
  });

  it('does not turn a read of a key without the right into a write', async () => {
    const { headers } = await mintTenant({ scopes: ['policies:read'] });
    for (const header of HEADERS) {
      const response = await new TestBrowser().request('/v1/budgets', { headers: { ...headers, [header]: 'POST' } });
      expect(await response.json()).toEqual({ data: [], nextCursor: null });
    }
  });
});
