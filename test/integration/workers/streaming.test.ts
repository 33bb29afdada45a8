import { exports } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { EventReader, type ReceivedEvent, terminalOf } from '../../harness/event-stream.ts';
import { eventually } from '../../harness/eventually.ts';
import { mintTenant, type TenantOptions, testEnv } from '../../harness/mint-tenant.ts';
import { rowOf } from '../../harness/recorded-request.ts';

const MODEL = 'gpt-4o-mini';
const PRICE = { input: 0.15e-6, output: 0.6e-6 };
const TEXT = 'Hello from a scripted provider.';

async function open(script: string, body: object = {}, options: TenantOptions = {}) {
  const id = crypto.randomUUID();
  const tenant = await mintTenant({ providerUrl: `${testEnv.SCRIPTED_PROVIDER_URL}/${script}~${id}`, ...options });
  const response = await exports.default.fetch('https://gateway.test/v1/orchestrate', {
    method: 'POST',
    headers: tenant.headers,
    body: JSON.stringify({
      input: 'hello',
      stream: true,
      providerPreferences: [{ provider: 'openai', model: MODEL }],
      ...body,
    }),
  });
  /** Acts on the provider's side of this call, and tells how that stands. */
  const provider = async (action: 'call' | 'step'): Promise<{ sent: number; end: string }> =>
    await (await fetch(`${testEnv.SCRIPTED_PROVIDER_URL}/control/${action}/${id}`)).json();
  return { tenant, response, provider };
}

async function play(script: string, body: object = {}) {
  const { response, ...rest } = await open(script, body);
  return { ...rest, events: await new EventReader(response).rest() };
}

const textOf = (events: ReceivedEvent[]) =>
  events
    .filter(({ event }) => event === 'text.delta')
    .map(({ data }) => data.text)
    .join('');

describe('POST /v1/orchestrate with stream: true', () => {
  it('streams typed events and ends in completed, with the whole answer, its usage and its cost', async () => {
    const { tenant, events } = await play('whole');
    expect(events[0]).toMatchObject({ event: 'started', data: { provider: 'openai', model: MODEL } });
    expect(textOf(events)).toBe(TEXT);
    const { event, data } = terminalOf(events);
    expect(event).toBe('completed');
    expect(data).toMatchObject({
      status: 'completed',
      output: { message: { content: TEXT }, finishReason: 'stop', rawFinishReason: 'stop' },
      usage: { inputTokens: 11, outputTokens: 5 },
    });
    expect(data.costUsd).toBeCloseTo(11 * PRICE.input + 5 * PRICE.output, 12);
    expect(await rowOf(tenant)).toMatchObject({ status: 'completed', input: 11, output: 5, cost: data.costUsd });
  });

  it('hands every event on before the next one exists', async () => {
    const { response, provider } = await open('stepwise');
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const reader = new EventReader(response);
    expect((await reader.next())?.event).toBe('started');
    for (const word of ['Hello', ' from', ' a', ' scripted', ' provider.']) {
      await provider('step');
      expect(await reader.next()).toEqual({ event: 'text.delta', data: { text: word } });
    }
    for (let rest = 0; rest < 3; rest++) await provider('step');
    expect(terminalOf(await reader.rest()).event).toBe('completed');
  });

  it('R6: counts usage that comes behind the finish reason', async () => {
    const { events } = await play('whole');
    expect(terminalOf(events).data.usage).toMatchObject({ inputTokens: 11, outputTokens: 5 });
  });

  it('counts what was written, marked estimated, when the provider tells no usage', async () => {
    const { tenant, events } = await play('silent');
    expect(terminalOf(events)).toMatchObject({ event: 'completed', data: { usage: null } });
    expect(await rowOf(tenant)).toMatchObject({ status: 'estimated', output: Math.ceil(TEXT.length / 4) });
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])(
    'R1: cut behind chunk %i, it ends in failed, never completed, and settles once',
    async (count) => {
      const { tenant, events } = await play(`cut-${count}`);
      expect(terminalOf(events)).toMatchObject({
        event: 'failed',
        data: { code: 'provider_stream_cut', response: { status: 'failed' } },
      });
      const told = { status: 'failed', input: 11, output: 5 };
      const counted = { status: 'estimated', output: Math.ceil(textOf(events).length / 4) };
      const isTold = count === 7;
      expect(await rowOf(tenant)).toMatchObject({ error_code: 'provider_stream_cut', ...(isTold ? told : counted) });
    },
  );

  it('R2: a client that leaves ends the upstream call, and is charged for what was produced, once', async () => {
    const { tenant, response, provider } = await open('stepwise');
    const reader = new EventReader(response);
    await reader.next();
    await provider('step');
    await reader.next();
    await reader.leave();
    const call = await eventually(
      () => provider('call'),
      ({ end }) => end === 'aborted',
    );
    expect(call.end).toBe('aborted');
    expect(await rowOf(tenant)).toMatchObject({
      status: 'estimated',
      error_code: 'canceled',
      output: Math.ceil('Hello'.length / 4),
    });
  });

  it('R2 control: a client that stays leaves the upstream call its end, and is charged by its usage', async () => {
    const { tenant, provider } = await play('whole');
    expect((await provider('call')).end).toBe('finished');
    expect(await rowOf(tenant)).toMatchObject({ status: 'completed', error_code: null, output: 5 });
  });

  it('R3: an error inside a 200 stream is a failure, and not billed', async () => {
    const { tenant, events } = await play('error');
    expect(terminalOf(events)).toMatchObject({ event: 'failed', data: { response: { costUsd: 0 } } });
    expect(await rowOf(tenant)).toMatchObject({ status: 'failed', cost: 0 });
  });

  it('R7: a client that does not read holds the provider back', async () => {
    const { response, provider } = await open('flood', {
      input: { messages: [{ role: 'user', content: 'x' }], maxOutputTokens: 1_000_000 },
    });
    const reader = new EventReader(response);
    await reader.next();
    const settled = await eventually(
      async () => {
        const before = await provider('call');
        await new Promise((resolve) => setTimeout(resolve, 300));
        return (await provider('call')).sent === before.sent;
      },
      (isStill) => isStill,
    );
    expect(settled).toBe(true);
    const held = (await provider('call')).sent;
    expect(held).toBeLessThan(16 * 1024 * 1024);

    // Control: it is the reading that lets the provider go on.
    for (let read = 0; read < 600; read++) await reader.next();
    const call = await eventually(
      () => provider('call'),
      ({ sent }) => sent > held,
    );
    expect(call.sent).toBeGreaterThan(held);
    await reader.leave();
  });

  it('stops a provider that writes beyond its limit, and bills no more than was held', async () => {
    const { tenant, events } = await play('flood', {
      input: { messages: [{ role: 'user', content: 'x' }], maxOutputTokens: 100 },
    });
    const { event, data } = terminalOf(events);
    expect([event, data.code]).toEqual(['budget_exceeded', 'stream_over_hold']);
    const row = await rowOf(tenant);
    expect(row).toMatchObject({ status: 'estimated', error_code: 'stream_over_hold' });
    expect(row?.cost).toBeLessThanOrEqual(100 * PRICE.output + 200 * PRICE.input);
  });

  it('answers what is refused at once as a problem, not as a stream', async () => {
    const { response } = await open('whole', {}, { providerUrl: testEnv.PROVIDER_URL, budgetUsd: '0.0000001' });
    expect(response.status).toBe(402);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const limited = await open('', { input: 'be rate limited' }, { providerUrl: testEnv.PROVIDER_URL });
    expect(await limited.response.json()).toMatchObject({ status: 429, code: 'provider_rate_limited' });
  });
});
