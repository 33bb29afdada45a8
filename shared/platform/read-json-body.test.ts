import { describe, expect, it, vi } from 'vitest';
import { readJsonBody } from './read-json-body.ts';

const LIMITS = { maxBytes: 1000, maxDepth: 4, maxElements: 20, maxTextLength: 100 };

function requestOf(...chunks: (string | Uint8Array)[]): Request {
  const encoder = new TextEncoder();
  const pending = chunks.map((chunk) => (typeof chunk === 'string' ? encoder.encode(chunk) : chunk));
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = pending.shift();
      if (next) controller.enqueue(next);
      else controller.close();
    },
  });
  return new Request('https://example.test/', { method: 'POST', body, duplex: 'half' } as RequestInit);
}

const read = (...chunks: (string | Uint8Array)[]) => readJsonBody(requestOf(...chunks), LIMITS);

describe('readJsonBody', () => {
  it('reads JSON however it is cut into chunks', async () => {
    const bytes = new TextEncoder().encode('{"a":["ü",{"b":"[[[[[["}]}');
    for (let cut = 1; cut < bytes.length; cut++) {
      const value = { a: ['ü', { b: '[[[[[[' }] };
      expect(await read(bytes.slice(0, cut), bytes.slice(cut))).toEqual({ ok: true, value });
    }
  });

  it('stops reading a body that is longer than it may be, whatever it says of its length', async () => {
    let taken = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        taken += 100;
        controller.enqueue(new Uint8Array(100).fill(0x20));
      },
    });
    const request = new Request('https://example.test/', {
      method: 'POST',
      body: endless,
      duplex: 'half',
    } as RequestInit);
    expect(await readJsonBody(request, LIMITS)).toEqual({ ok: false, error: 'too_large' });
    expect(taken).toBeLessThanOrEqual(LIMITS.maxBytes + 300);
  });

  it.each([{}, { 'content-length': '100' }])(
    'says that the connection ended before the body did: %j',
    async (headers) => {
      const broken = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{"a":'));
        },
        pull(controller) {
          controller.error(new Error('the connection was lost'));
        },
      });
      const init = { method: 'POST', headers, body: broken, duplex: 'half' } as RequestInit;
      expect(await readJsonBody(new Request('https://example.test/', init), LIMITS)).toEqual({
        ok: false,
        error: 'broken_off',
      });
    },
  );

  it('parses nothing that is beyond a limit, and tells which', async () => {
    const parse = vi.spyOn(JSON, 'parse');
    expect(await read('[[[[[1]]]]]')).toEqual({ ok: false, error: 'too_complex' });
    expect(await read(`["${'a b '.repeat(30)}"]`)).toEqual({ ok: false, error: 'text_too_long' });
    expect(parse).not.toHaveBeenCalled();
    expect(await read('[[[[1]]]]')).toMatchObject({ ok: true });
    expect(parse).toHaveBeenCalledOnce();
    parse.mockRestore();
  });

  it.each([
    ['empty', ''],
    ['cut', '{"a":'],
    ['two values', '{} {}'],
    ['a word', 'hello'],
  ])('refuses %s', async (_name, text) => {
    expect(await read(text)).toEqual({ ok: false, error: 'invalid_json' });
  });

  it('refuses bytes that are not UTF-8', async () => {
    expect(await read(new Uint8Array([0x22, 0xff, 0x22]))).toEqual({ ok: false, error: 'invalid_json' });
    expect(await read('"', new Uint8Array([0xc3]))).toEqual({ ok: false, error: 'invalid_json' });
  });
});
