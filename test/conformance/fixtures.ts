/// <reference types="vite/client" />
import * as z from 'zod';
import { PROVIDERS, type ProviderName, providerName } from '../../shared/contracts/names.ts';
import { eventStream } from '../../shared/providers/testing/answering.ts';

const FILES = import.meta.glob<string>('./fixtures/*/*.{json,sse}', { query: '?raw', import: 'default', eager: true });

const expectation = z.record(z.string(), z.unknown());

const jsonFixture = z.strictObject({
  source: z.url(),
  operation: z.enum(['generate', 'complete', 'embed']),
  status: z.number().default(200),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown(),
  expected: expectation,
});

/** An answer in a vendor's documented format, and what its adapter makes of it. */
export interface Fixture {
  readonly name: string;
  readonly provider: ProviderName;
  /** The page that documents the format, or where it was recorded. */
  readonly source: string;
  readonly operation: 'generate' | 'stream' | 'complete' | 'embed';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** An `Answer`, the result of an embedding, or `{ error }`; `hints` when the headers have some. */
  readonly expected: Readonly<Record<string, unknown>>;
}

/** The head of a stream: two comments, which are no part of what the vendor sends. */
const HEAD = /^: source (\S+)\n: expected (.+)\n\n/;

function parse(path: string, text: string): Fixture {
  const [, , folder, file = ''] = path.split('/');
  const common = { name: file, provider: providerName.parse(folder) };
  if (file.endsWith('.json')) {
    const { body, headers, ...fixture } = jsonFixture.parse(JSON.parse(text));
    const withType = { 'content-type': 'application/json', ...headers };
    return { ...common, ...fixture, headers: withType, body: JSON.stringify(body) };
  }
  const [head = '', source, expected = ''] = HEAD.exec(text) ?? [];
  return {
    ...common,
    source: z.url().parse(source),
    operation: 'stream',
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    body: text.slice(head.length),
    expected: expectation.parse(JSON.parse(expected)),
  };
}

const FIXTURES = Object.entries(FILES).map(([path, text]) => parse(path, text));

/** The fixtures of a provider; throws when there are none. */
export function fixturesOf(provider: ProviderName): readonly Fixture[] {
  const fixtures = FIXTURES.filter((fixture) => fixture.provider === provider);
  if (fixtures.length === 0) throw new Error(`no fixtures of ${provider}`);
  return fixtures;
}

/** The streams that end well, of every provider. */
export const STREAMS = PROVIDERS.flatMap(fixturesOf).filter(
  ({ operation, expected }) => operation === 'stream' && !('error' in expected),
);

/** The response that a fixture is, its body in pieces when they are given. */
export function responseOf(
  { status, headers, body }: Fixture,
  pieces: readonly (string | Uint8Array)[] = [body],
): Response {
  return eventStream(pieces, { status, headers });
}
