import { TrieRouter } from 'hono/router/trie-router';
import { describe, expect, it, vi } from 'vitest';
import { FixedPathRouter } from './fixed-path-router.ts';

const ROUTES = [
  ['ALL', '/*', 'scope'],
  ['POST', '/v1/tasks', 'create'],
  ['GET', '/v1/tasks', 'list'],
  ['GET', '/v1/tasks/:id', 'get'],
  ['GET', '/v1/tasks/export', 'export'],
  ['POST', '/v1/tasks/:id/cancel', 'cancel'],
] as const;

const ASKED = [
  ['POST', '/v1/tasks'],
  ['GET', '/v1/tasks'],
  ['DELETE', '/v1/tasks'],
  ['GET', '/v1/tasks/7'],
  ['GET', '/v1/tasks/export'],
  ['POST', '/v1/tasks/7/cancel'],
  ['GET', '/v1/tasks/7/cancel'],
  ['GET', '/elsewhere'],
] as const;

function routed<T extends FixedPathRouter<string> | TrieRouter<string>>(router: T): T {
  for (const [method, path, handler] of ROUTES) router.add(method, path, handler);
  return router;
}

describe('a router that is asked once', () => {
  it.each([1, 2, 3])('finds what Hono’s own does, the %i. time too', (times) => {
    const [own, hono] = [routed(new FixedPathRouter<string>()), routed(new TrieRouter<string>())];
    for (let time = 1; time < times; time++) for (const [method, path] of ASKED) own.match(method, path);
    for (const [method, path] of ASKED) expect(own.match(method, path)).toEqual(hono.match(method, path));
  });

  it('remembers paths that routes name whole, and no others: those are without end', () => {
    const match = vi.spyOn(TrieRouter.prototype, 'match');
    const router = routed(new FixedPathRouter<string>());
    const searched = (path: string) => {
      match.mockClear();
      for (let time = 0; time < 3; time++) router.match('GET', path);
      return match.mock.calls.length;
    };
    expect(searched('/v1/tasks')).toBe(1);
    expect(searched('/v1/tasks/7')).toBe(3);
    expect(searched('/elsewhere')).toBe(3);
    match.mockRestore();
  });
});
