import { describe, expect, it } from 'vitest';
import type {
  CallOptions,
  GenerateResult,
  ProviderAdapterV1,
  RateLimitHints,
} from '../../shared/providers/contract.ts';
import { ProviderError } from '../../shared/providers/provider-error.ts';
import { collect, drain } from '../../shared/providers/testing/answering.ts';
import { type Answer, answerOf, assemble, type StreamFailure } from './answer.ts';
import { type Fixture, fixturesOf, responseOf } from './fixtures.ts';
import { MAX_OUTPUT_TOKENS, saying } from './requests.ts';
import { callOptions, type Subject } from './subjects.ts';

type Outcome = Answer | StreamFailure | { readonly error: unknown } | { readonly embeddings: unknown };

/** What an adapter makes of a response to the operation of a fixture. */
export async function play(
  subject: Subject,
  fixture: Fixture,
  response = responseOf(fixture),
  call = translated,
): Promise<Outcome> {
  const told: RateLimitHints[] = [];
  const environment = { origin: () => 'https://vendor.test', fetch: async () => response };
  const options = callOptions(subject, environment, { onRateLimitHints: (hints) => told.push(hints) });
  const hints = () => ('hints' in fixture.expected ? { hints: told[0] } : {});
  try {
    return { ...(await call(subject.adapter, fixture, options)), ...hints() };
  } catch (error) {
    if (error instanceof ProviderError) return { error, ...hints() };
    throw error;
  }
}

/** The call of the fixture's operation. */
async function translated(adapter: ProviderAdapterV1, { operation }: Fixture, options: CallOptions): Promise<Outcome> {
  const request = { ...saying('hi'), prompt: 'Once upon', inputs: ['one', 'two'] };
  switch (operation) {
    case 'generate':
      return answerOf(await adapter.generate(request, options));
    case 'stream':
      return assemble(await collect(await adapter.stream(request, options)));
    case 'complete':
      return answerOf(present<GenerateResult>(await adapter.complete?.(request, options)));
    case 'embed': {
      const { embeddings, usage, responseModel } = present(await adapter.embed?.(request, options));
      return { embeddings, responseModel, ...(usage.unified && { usage: usage.unified }) };
    }
  }
}

/** The same in the vendor's own format, which also passes on what came. */
async function native(
  adapter: ProviderAdapterV1,
  { operation, body: sent }: Fixture,
  options: CallOptions,
): Promise<Outcome> {
  const calls = present(adapter.native);
  const request = { format: calls.format, body: { messages: [] }, maxOutputTokens: MAX_OUTPUT_TOKENS };
  if (operation === 'generate') {
    const { text, result } = await calls.generate(request, options);
    expect(text).toBe(sent);
    return answerOf(result);
  }
  const { body, read } = await calls.stream(request, options);
  const [theirs, ours] = body.tee();
  const groups = await drain(read(ours.getReader()));
  expect(await new Response(theirs).text()).toBe(sent);
  return assemble(groups.flatMap(({ parts }) => parts));
}

function present<T>(result: T | undefined): T {
  if (result === undefined) throw new Error('the adapter lacks the operation');
  return result;
}

/** Asserts an outcome: an answer entirely, a failure by what is expected of it. */
export function expectOutcome(outcome: Outcome, expected: Fixture['expected']): void {
  if ('error' in expected) expect(outcome).toMatchObject(expected);
  else expect(outcome).toEqual(expected);
}

/** What every adapter must make of its vendor's documented wire format. */
export function fixtureConformance(subject: Subject): void {
  describe(`${subject.name}: the documented format`, () => {
    it.each(fixturesOf(subject.adapter.provider).map((fixture) => [fixture.name, fixture] as const))(
      '%s',
      async (_name, fixture) => {
        expectOutcome(await play(subject, fixture), fixture.expected);
      },
    );

    const chats = fixturesOf(subject.adapter.provider).filter(
      ({ operation }) => subject.adapter.native && (operation === 'generate' || operation === 'stream'),
    );
    it.each(chats.map((fixture) => [fixture.name, fixture] as const))('%s, passed on', async (_name, fixture) => {
      expectOutcome(await play(subject, fixture, responseOf(fixture), native), fixture.expected);
    });
  });
}
