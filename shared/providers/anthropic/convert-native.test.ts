import { describe, expect, it } from 'vitest';
import type { NativeRequest } from '../contract.ts';
import { answeringEvents, answeringJson, drain } from '../testing/answering.ts';
import { anthropicAdapter } from './adapter.ts';

const ASKED = {
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } }] }],
  metadata: { user_id: 'u' },
};
const REQUEST: NativeRequest = {
  format: 'anthropic-messages',
  body: { ...ASKED, model: 'theirs', max_tokens: 9_999, stream: true },
  maxOutputTokens: 10,
};
const ANSWER =
  '{ "model": "claude",  "content": [{"type":"text","text":"hello","citations":null}], "stop_reason": "end_turn" }';

const { native } = anthropicAdapter;
if (!native) throw new Error('the adapter has no native calls');

describe("a client's own body", () => {
  it('goes out with our model and limit, not as a stream, and is answered to the letter', async () => {
    const { options, seen } = answeringEvents([ANSWER], { headers: { 'content-type': 'application/json' } });
    const { text, result } = await native.generate(REQUEST, options);
    expect(seen[0]).toMatchObject({ url: 'https://api.anthropic.com/v1/messages', redirect: 'manual' });
    expect(seen[0]?.body).toStrictEqual({ ...ASKED, model: 'test-model', max_tokens: 10 });
    expect(seen[0]?.headers.get('x-api-key')).toBe('test-key');
    expect(seen[0]?.headers.get('anthropic-version')).toBe('2026-10-21');
    expect(text).toBe(ANSWER);
    expect(result).toEqual({
      message: { role: 'assistant', content: 'hello' },
      finishReason: 'stop',
      rawFinishReason: 'end_turn',
      usage: { unified: undefined, raw: undefined },
      responseModel: 'claude',
      warnings: [],
    });
  });

  it('streams the bytes of the vendor, and tells every event beside its parts', async () => {
    const bytes = [
      'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","model":"claude"}}\n\n',
      'event: ping\ndata: {"type":"ping"}\n\n',
      'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    ];
    const { options, seen } = answeringEvents(bytes);
    const { body, read } = await native.stream({ ...REQUEST, body: ASKED }, options);
    const [theirs, ours] = body.tee();
    expect(await new Response(theirs).text()).toBe(bytes.join(''));
    expect(await drain(read(ours.getReader()))).toMatchObject([
      { events: [{ event: 'message_start' }], parts: [{ type: 'response-start', responseModel: 'claude' }] },
      { events: [{ event: 'ping' }], parts: [] },
      { events: [{ event: 'message_stop' }], parts: [{ type: 'finish' }] },
    ]);
    expect(seen[0]?.body).toStrictEqual({ ...ASKED, model: 'test-model', max_tokens: 10, stream: true });
  });

  it('is refused as any request', async () => {
    const error = { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long: 9 > 8' } };
    for (const way of ['generate', 'stream'] as const) {
      const call = native[way](REQUEST, answeringJson(error, { status: 400 }).options);
      await expect(call).rejects.toMatchObject({ kind: 'context-too-long', billing: 'not-billed' });
    }
  });

  it.each([
    [['computer_20251124', 'bash_20250124', 'computer_20251124'], 'computer-use-2025-11-24'],
    [['computer_20250124', 'computer_20251124'], 'computer-use-2025-01-24,computer-use-2025-11-24'],
    [['computer_toolset_20260801', 'custom', null], null],
  ])('asks for the beta features that its tools are: %j', async (types, betas) => {
    const body = { ...ASKED, tools: types.map((type) => ({ type, name: 't' })) };
    for (const way of ['generate', 'stream'] as const) {
      const { options, seen } = answeringEvents([ANSWER], { headers: { 'content-type': 'application/json' } });
      await native[way]({ ...REQUEST, body }, options).catch(() => undefined);
      expect(seen[0]?.headers.get('anthropic-beta')).toBe(betas);
    }
  });
});
