import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PERMISSIONS } from '../../../shared/auth/permissions.ts';
import { call } from '../../harness/gateway-client.ts';
import { type Destination, destinationOf, JSON_OPERATIONS } from '../../harness/json-operations.ts';
import { malformedBodies } from '../../harness/malformed-json.ts';

const BODIES = 1_000;
const SEED = 20_261_130;
const AT_ONCE = 10;
const TIMEOUT_MS = 120_000;
const SCIM_ERROR = JSON.stringify(['urn:ietf:params:scim:api:messages:2.0:Error']);

/** What is wrong with how an answer treats a malformed body; empty when nothing is. */
function faults(status: number, requestId: string | null, text: string): string[] {
  const found: string[] = [];
  if (status >= 500) found.push(`status ${status}`);
  if (/\bat .*(\.(js|ts)|<anonymous>):?\d*/.test(text)) found.push('a stack trace');
  if (status < 400) return found;
  const { code, error, instance, schemas, detail } = JSON.parse(text) as Record<string, unknown>;
  const isScim = JSON.stringify(schemas) === SCIM_ERROR; // its errors name their status, and a few kinds (RFC 7644, 3.12)
  if (isScim) return typeof detail === 'string' && requestId !== null ? found : [...found, 'no detail or request id'];
  const theirs = typeof error === 'object' && error !== null ? { code: null, type: null, ...error } : null; // in another API's shape
  if (typeof (code ?? theirs?.code ?? theirs?.type) !== 'string') found.push('no code');
  if (requestId === null || (theirs === null && instance !== requestId)) found.push('no request id');
  return found;
}

async function faultsOf(method: string, { path, headers }: Destination, body: Uint8Array) {
  const response = await call(method, path, { headers, body });
  const text = await response.text();
  return { status: response.status, faults: faults(response.status, response.headers.get('x-request-id'), text) };
}

describe(`I1: of ${BODIES} malformed bodies none is a 5xx or tells a stack, and each 4xx has a code and a request id`, () => {
  it.each(JSON_OPERATIONS)(
    '$method $path',
    async (operation) => {
      const destination = await destinationOf(operation, PERMISSIONS);
      const bodies = fc.sample(malformedBodies(JSON.stringify(operation.example)), { numRuns: BODIES, seed: SEED });
      let refused = 0;
      for (let from = 0; from < BODIES; from += AT_ONCE) {
        const some = bodies.slice(from, from + AT_ONCE);
        const answers = await Promise.all(some.map((body) => faultsOf(operation.method, destination, body)));
        for (const [at, { faults, status }] of answers.entries()) {
          const shown = new TextDecoder('latin1').decode(some[at]).slice(0, 300);
          expect({ shown, faults }).toEqual({ shown, faults: [] });
          if (status >= 400) refused++;
        }
      }
      expect(refused).toBeGreaterThan(BODIES / 2);
    },
    TIMEOUT_MS,
  );
});

describe('I1 control', () => {
  it('the same eyes see a crash, a stack trace, and an error without a code or an id', () => {
    const stack = 'TypeError: x\n    at handler (file:///index.js:10:5)';
    expect(faults(500, 'r', '{"code":"internal_error","instance":"r"}')).toEqual(['status 500']);
    expect(faults(400, 'r', JSON.stringify({ code: 'c', instance: 'r', stack }))).toEqual(['a stack trace']);
    expect(faults(400, 'r', '{}')).toEqual(['no code', 'no request id']);
    expect(faults(400, null, '{"error":{}}')).toEqual(['no code', 'no request id']);
    expect(faults(400, 'r', `{"schemas":${SCIM_ERROR}}`)).toEqual(['no detail or request id']);
  });

  it('every operation that takes JSON is among them, and every kind of malformed body', () => {
    expect(JSON_OPERATIONS.length).toBeGreaterThanOrEqual(25);
    const [example] = JSON_OPERATIONS.map(({ example }) => JSON.stringify(example));
    const bodies = fc.sample(malformedBodies(example ?? ''), { numRuns: BODIES, seed: SEED });
    const texts = bodies.map((body) => new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(body));
    for (const part of [
      '\\u0000',
      '\0',
      '\\ud800',
      '\ufeff{',
      '1e400',
      '-0',
      '100000000000000000000',
      '\ufffd',
      '__proto__',
    ])
      expect([part, texts.some((text) => text.includes(part))]).toEqual([part, true]);
    expect(texts.some((text) => example?.startsWith(text) && text !== '' && text !== example)).toBe(true);
    expect(texts.some((text) => (text.match(/"input":/g) ?? []).length > 1)).toBe(true);
  });
});
