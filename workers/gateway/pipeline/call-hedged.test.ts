import { beforeAll, describe, expect, it } from 'vitest';
import { eventStream } from '../../../shared/providers/testing/answering.ts';
import { eventually } from '../../../test/harness/eventually.ts';
import { faultOfHolds, pipelinePlay } from '../../../test/harness/pipeline-play.ts';
import { account, offer, POLICY_ID, policyWith, routingTenant } from '../../../test/harness/routing-tenant.ts';
import { orchestrateEncoder } from './orchestrate-encoder.ts';
import { RetryBudgets } from './retry-budgets.ts';
import { runRequest } from './run-request.ts';
import { streamRequest } from './stream-request.ts';

beforeAll(() => {
  Object.assign(globalThis, { IdentityTransformStream: TransformStream }); // the runtime's own, which Node lacks
});

const USAGE = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
const candidate = (model: string) => ({ provider: 'openai-compatible', model, account: model });
const urlOf = (model: string) => `http://${model}.test`;

/** What a candidate does with a call: it ends when it is told to, and hears when nobody wants it any more. */
class Candidate {
  readonly calls: AbortSignal[] = [];
  readonly #ends: ((response: Response) => void)[] = [];

  fetch(init: RequestInit | undefined): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const signal = init?.signal as AbortSignal;
    this.calls.push(signal);
    this.#ends.push(resolve);
    signal.addEventListener('abort', () => reject(signal.reason));
    return promise;
  }

  answer(response: Response): void {
    for (const end of this.#ends) end(response);
  }
}

const whole = (content: string) =>
  Response.json({
    ...{ id: 'x', object: 'chat.completion', model: 'm', usage: USAGE },
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  });

const streamed = (content: string) => {
  const chunk = (delta: object, finish_reason: string | null, usage?: object) =>
    `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta, finish_reason }], ...(usage && { usage }) })}\n\n`;
  return eventStream([chunk({ role: 'assistant', content }, null), chunk({}, 'stop', USAGE), 'data: [DONE]\n\n']);
};

const HEDGE = { hedge: { afterMs: 1 } };

interface Play {
  readonly isStream?: boolean;
  readonly policy?: object;
  readonly grants?: () => boolean;
  /** What the retry budget has saved, in calls of clients. */
  readonly saved?: number;
}

/** A request whose first candidate says nothing until it is told to, and its two others likewise. */
function play({ isStream = false, policy = HEDGE, grants = () => true, saved = 5 }: Play = {}) {
  const models = ['first', 'second', 'third'];
  const candidates = new Map(models.map((model) => [model, new Candidate()]));
  const of = (model: string) => candidates.get(model) as Candidate;
  const retryBudgets = new RetryBudgets(() => 0);
  const snapshot = routingTenant({
    providerAccounts: models.map((model) => ({ ...account('openai-compatible', model), baseUrl: urlOf(model) })),
    models: models.map((model, at) => offer('openai-compatible', model, 2 + at)),
    routingPolicies: [
      policyWith({
        candidates: [{ ...candidate('first'), weight: 3 }, { ...candidate('second'), weight: 2 }, candidate('third')],
        ...policy,
      }),
    ],
  });
  for (let call = 0; call < saved; call++) retryBudgets.earn(snapshot.tenantId, 'id of first');
  const { input, played } = pipelinePlay({
    ...{ snapshot, request: { routingPolicyId: POLICY_ID, stream: isStream }, grants },
    fetch: (url, init) => of(models.find((model) => String(url).startsWith(urlOf(model))) ?? '').fetch(init),
  });
  Object.assign(input.ports, { retryBudgets });
  const ended = isStream
    ? ofStream(input)
    : runRequest(input).then((result) => (result.ok ? result.value.response : null));
  const isCalled = (model: string) =>
    eventually(
      async () => of(model).calls.length,
      (calls) => calls > 0,
    );
  return { input, played, ended, of, isCalled, answer: isStream ? streamed : whole };
}

async function ofStream(input: Parameters<typeof streamRequest>[0]) {
  const result = await streamRequest(input, orchestrateEncoder);
  if (!result.ok) return null;
  const text = await new Response(result.value.events).text();
  return JSON.parse(text.trimEnd().split('\ndata: ').at(-1) ?? '');
}

const statusesOf = (response: { routing?: { candidates: { status: string }[] } } | null) =>
  response?.routing?.candidates.map(({ status }) => status);

describe.each([
  ['a whole answer', false],
  ['a stream', true],
])('hedging of %s', (_name, isStream) => {
  it.each([
    ['second', 'first', ['canceled', 'served', 'standby']],
    ['first', 'second', ['served', 'canceled', 'standby']],
  ] as const)('takes the answer of the %s, ends the other at once, and bills both', async (winner, loser, statuses) => {
    const { played, ended, of, isCalled, answer } = play({ isStream });
    await isCalled('second');
    expect(of('first').calls[0]?.aborted).toBe(false);
    of(winner).answer(answer(`by ${winner}`));
    const response = await ended;
    expect(of(loser).calls.map(({ aborted }) => aborted)).toEqual([true]);
    await played.over();
    expect(response).toMatchObject({ model: winner, output: { message: { content: `by ${winner}` } } });
    expect(statusesOf(response)).toEqual(statuses);
    expect(faultOfHolds(played)).toBeNull();
    expect(played.holds.map(({ model }) => model)).toEqual(['first', 'second']);
    const served = played.records.find(({ model }) => model === winner);
    const ended_ = played.records.find(({ model }) => model === loser);
    expect(served).toMatchObject({ status: 'completed', requestId: response?.requestId });
    expect(served?.attempts).toMatchObject([
      { model: loser, status: 'canceled', requestId: ended_?.requestId },
      { model: winner },
    ]);
    expect(ended_).toMatchObject({ status: 'estimated', errorCode: 'canceled' });
    expect(BigInt(ended_?.costPicoUsd ?? 0)).toBeGreaterThan(0n);
    expect(of('third').calls).toEqual([]);
  });

  it.each([
    ['without the policy', { policy: {} }],
    ['F11: without a retry budget that pays for it', { saved: 3 }],
    ['where a quantile is asked for and nothing was measured', { policy: { hedge: { afterQuantile: 0.95 } } }],
  ])('makes no second call %s', async (_why, options) => {
    const { played, ended, of, isCalled, answer } = play({ isStream, ...options });
    await isCalled('first');
    await new Promise((resolve) => setTimeout(resolve, 20)); // far longer than a hedge would take: there is nothing to wait for
    of('first').answer(answer('late'));
    expect(await ended).toMatchObject({ model: 'first' });
    await played.over();
    expect([of('second').calls.length, played.holds.length]).toEqual([0, 1]);
    expect(faultOfHolds(played)).toBeNull();
  });

  it('makes no second call where the limits have no room for both', async () => {
    let asked = 0;
    const { played, ended, of, isCalled, answer } = play({ isStream, grants: () => asked++ === 0 });
    await isCalled('first');
    await eventually(
      async () => asked,
      (times) => times > 1,
    );
    of('first').answer(answer('late'));
    expect(await ended).toMatchObject({ model: 'first' });
    await played.over();
    expect([of('second').calls.length, played.records.length]).toEqual([0, 1]);
    // Nor does it wait in line for a place, with an answer in its hands.
    expect(played.asked).toMatchObject([{ isHasty: true }]);
  });

  it('does not wait for a second place while it has one, after a call that may have been billed', async () => {
    let asked = 0;
    const { played, ended, of, isCalled } = play({ isStream, policy: {}, grants: () => asked++ === 0 });
    await isCalled('first');
    of('first').answer(new Response('{', { headers: { 'content-type': 'application/json' } }));
    await ended;
    await played.over();
    expect(played.asked).toMatchObject([{ hold: { model: 'second' }, isHasty: true }]);
    expect(played.records).toMatchObject([{ status: 'estimated' }]);
  });

  it('leaves it to the other when one fails, and goes on to the third when both do', async () => {
    for (const [failing, other] of [
      ['first', 'second'],
      ['second', 'first'],
    ] as const) {
      const { played, ended, of, isCalled, answer } = play({ isStream });
      await isCalled('second');
      of(failing).answer(new Response('', { status: 500 }));
      await eventually(
        async () => played.records.length,
        (records) => records > 0,
      );
      of(other).answer(answer('the other'));
      const response = await ended;
      await played.over();
      expect(response).toMatchObject({ model: other });
      expect(statusesOf(response)).toEqual(
        failing === 'first' ? ['failed', 'served', 'standby'] : ['served', 'failed', 'standby'],
      );
      expect(faultOfHolds(played)).toBeNull();
      expect(played.records).toHaveLength(2);
    }
    const { played, ended, of, isCalled, answer } = play({ isStream });
    await isCalled('second');
    of('second').answer(new Response('', { status: 500 }));
    await eventually(
      async () => played.records.length,
      (records) => records > 0,
    );
    of('first').answer(new Response('', { status: 500 }));
    await isCalled('third');
    of('third').answer(answer('the last'));
    const response = await ended;
    await played.over();
    expect(statusesOf(response)).toEqual(['failed', 'failed', 'served']);
    expect(faultOfHolds(played)).toBeNull();
  });

  it('control: a hold or a record that is missing is found out', async () => {
    const { played, ended, of, isCalled, answer } = play({ isStream });
    await isCalled('second');
    of('second').answer(answer('by second'));
    await ended;
    await played.over();
    expect(faultOfHolds({ ...played, records: played.records.slice(1) })).not.toBeNull();
    expect(faultOfHolds({ ...played, holds: played.holds.slice(1) })).not.toBeNull();
  });
});
