import { beforeAll, describe, expect, it } from 'vitest';
import { fixturesOf } from '../../../test/conformance/fixtures.ts';
import { faultOfHolds, pipelinePlay } from '../../../test/harness/pipeline-play.ts';
import { account, offer, routingTenant } from '../../../test/harness/routing-tenant.ts';
import { createStreamEncoder } from '../dialects/anthropic/stream-encoder.ts';
import { streamRequest } from './stream-request.ts';

beforeAll(() => {
  Object.assign(globalThis, { IdentityTransformStream: TransformStream }); // the runtime's own, which Node lacks
});

const PREFERENCE = { provider: 'anthropic', model: 'm', weight: 1 } as const;
const WHOLE = fixturesOf('anthropic').find(({ name }) => name === 'text.sse')?.body ?? '';

/** Plays a stream in its client's own format, whose vendor answers with `response`. */
async function play(response: Response) {
  const calls: (AbortSignal | null | undefined)[] = [];
  const { input, played } = pipelinePlay({
    snapshot: routingTenant({
      providerAccounts: [account('anthropic', 'only')],
      models: [offer('anthropic', 'm', 2)],
    }),
    request: { providerPreferences: [PREFERENCE], stream: true },
    fetch: async (_url, init) => {
      calls.push(init?.signal);
      return response;
    },
  });
  const body = { messages: [{ role: 'user', content: 'hi' }] };
  const native = { format: 'anthropic-messages', body, maxOutputTokens: 100 } as const;
  const result = await streamRequest({ ...input, spoken: { native, unsaid: [], warnings: [] } }, createStreamEncoder());
  if (!result.ok) throw new Error(`refused: ${result.error.code}`);
  const text = new Response(result.value.events).text();
  await played.over();
  expect(faultOfHolds(played)).toBeNull();
  return { text: await text, records: played.records, isCallEnded: calls[0]?.aborted };
}

const answer = (body: ReadableStream | string) =>
  new Response(body, { headers: { 'content-type': 'text/event-stream' } });

function locked(): Response {
  const response = answer(WHOLE);
  response.body?.getReader();
  return response;
}

describe('a stream that is piped', () => {
  it('reaches its client as the vendor wrote it, and is settled at its usage', async () => {
    const { text, records } = await play(answer(WHOLE));
    expect(text.startsWith(WHOLE)).toBe(true);
    expect(records).toMatchObject([{ status: 'completed', errorCode: null }]);
  });

  it.each([
    ['cannot be split', locked],
    ['cannot be read in place', () => answer(new Blob([WHOLE]).stream().pipeThrough(new TransformStream()))],
  ])('and %s ends in an error, its call with it, and is settled at its estimate', async (_why, response) => {
    const { text, records, isCallEnded } = await play(response());
    expect(text).toMatch(/^event: error\ndata: \{.*"api_error".*\}\n\n/);
    expect(text).not.toContain('message_stop');
    expect(records).toMatchObject([{ status: 'estimated', errorCode: 'internal_error' }]);
    expect(BigInt(records[0]?.costPicoUsd ?? 0)).toBeGreaterThan(0n);
    expect(isCallEnded).toBe(true);
  });
});
