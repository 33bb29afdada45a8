import { describe, expect, it } from 'vitest';
import { lookUpTxtAt } from './look-up-txt.ts';

const RESOLVER = 'https://resolver.example/dns-query';

/** What is found where the resolver answers with this. */
function answered(body: unknown, init: ResponseInit = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return lookUpTxtAt(RESOLVER, async () => new Response(text, init))('_eufm-challenge.acme.com');
}

const txt = (...data: string[]) => ({
  Status: 0,
  Answer: data.map((data) => ({ name: 'x', type: 16, TTL: 60, data })),
});

describe('a look-up of TXT records', () => {
  it('asks the resolver for the name, and follows no redirect', async () => {
    const asked: [string, RequestInit][] = [];
    const lookUp = lookUpTxtAt(RESOLVER, async (url, init) => {
      asked.push([url, init]);
      return Response.json(txt('"a"'));
    });
    await lookUp('_eufm-challenge.acme.com&type=A');
    const [[url, init] = ['', {}]] = asked;
    expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
      name: '_eufm-challenge.acme.com&type=A',
      type: 'TXT',
    });
    expect(init).toMatchObject({ redirect: 'manual', headers: { accept: 'application/dns-json' } });
    expect(init.signal).toBeInstanceOf(AbortSignal);
  });

  it.each([
    ['one string', txt('"a=b"'), ['a=b']],
    ['strings that belong together', txt('"eufm-" "verification=x"'), ['eufm-verification=x']],
    ['quotes within', txt('"say \\"a\\" \\\\"'), ['say "a" \\']],
    ['no quotes', txt('a=b'), ['a=b']],
    ['several records', txt('"a"', '"b"'), ['a', 'b']],
    [
      'another name’s alias',
      {
        Status: 0,
        Answer: [
          { type: 5, data: 'x.example.' },
          { type: 16, data: '"a"' },
        ],
      },
      ['a'],
    ],
    ['no record', { Status: 0 }, []],
    ['no such name', { Status: 3, Answer: [] }, []],
  ])('reads %s', async (_name, body, found) => {
    expect(await answered(body)).toEqual({ ok: true, value: found });
  });

  it.each([
    ['it fails', { Status: 2 }, {}],
    ['it refuses', { Status: 5 }, {}],
    ['it redirects', txt('"a"'), { status: 302, headers: { location: 'https://evil.example' } }],
    ['it is unavailable', txt('"a"'), { status: 503 }],
    ['it speaks no JSON', 'a', {}],
    ['it answers something else', { Answer: [{ type: 16, data: '"a"' }] }, {}],
    ['it says too much', { ...txt('"a"'), Comment: 'x'.repeat(70_000) }, {}],
  ])('knows nothing where %s', async (_name, body, init) => {
    expect(await answered(body, init)).toMatchObject({ ok: false });
  });

  it('knows nothing where the resolver cannot be reached', async () => {
    const lookUp = lookUpTxtAt(RESOLVER, () => Promise.reject(new TypeError('connect')));
    expect(await lookUp('acme.com')).toEqual({ ok: false, error: 'connect' });
  });
});
