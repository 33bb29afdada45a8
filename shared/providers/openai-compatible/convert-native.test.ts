import { describe, expect, it } from 'vitest';
import type { NativeRequest, ProviderAdapterV1 } from '../contract.ts';
import { mistralAdapter } from '../mistral/adapter.ts';
import { openaiAdapter } from '../openai/adapter.ts';
import { perplexityAdapter } from '../perplexity/adapter.ts';
import { answeringEvents, answeringJson, drain } from '../testing/answering.ts';
import { openaiCompatibleAdapter } from './adapter.ts';

const ASKED = { messages: [{ role: 'user', content: 'hi', name: 'Ann' }], logprobs: true, seed: null };
const REQUEST: NativeRequest = {
  format: 'openai-chat',
  body: {
    ...ASKED,
    model: 'theirs',
    max_tokens: 9_999,
    max_completion_tokens: 9_999,
    stream: true,
    stream_options: { include_obfuscation: false },
  },
  maxOutputTokens: 10,
};
const ANSWER =
  '{ "model": "m", "choices": [{"message": {"content": "hello"}, "finish_reason": "stop", "logprobs": {}}] }';

function nativeOf({ native }: ProviderAdapterV1) {
  if (!native) throw new Error('the adapter has no native calls');
  return native;
}

const NAMED = [
  ['openai', openaiAdapter, 'max_completion_tokens'],
  ['openai-compatible', openaiCompatibleAdapter, 'max_tokens'],
] as const;

describe("a client's own body", () => {
  const baseUrl = 'https://host.example/v1';

  it.each(NAMED)(
    'goes to %s with our model and limit, and nothing that asks for a stream',
    async (_, adapter, limit) => {
      const { options, seen } = answeringJson({ choices: [{ message: { content: 'x' } }] });
      await nativeOf(adapter).generate(REQUEST, { ...options, baseUrl, traceparent: '00-aa-bb-01' });
      expect(seen).toMatchObject([{ url: `${baseUrl}/chat/completions`, redirect: 'manual' }]);
      expect(seen[0]?.body).toStrictEqual({ ...ASKED, model: 'test-model', [limit]: 10 });
      expect(Object.fromEntries(seen[0]?.headers ?? [])).toEqual({
        authorization: 'Bearer test-key',
        'content-type': 'application/json',
        traceparent: '00-aa-bb-01',
      });
    },
  );

  it.each(NAMED)('asks %s for a stream that tells its usage', async (_, adapter, limit) => {
    const { options, seen } = answeringEvents(['data: [DONE]\n\n']);
    await nativeOf(adapter).stream({ ...REQUEST, body: ASKED }, { ...options, baseUrl });
    expect(seen[0]?.body).toStrictEqual({
      ...ASKED,
      model: 'test-model',
      [limit]: 10,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it('is answered with the text of the vendor to the letter, and what it means', async () => {
    const { options } = answeringEvents([ANSWER], { headers: { 'content-type': 'application/json' } });
    const { text, result } = await nativeOf(openaiAdapter).generate(REQUEST, options);
    expect(text).toBe(ANSWER);
    expect(result).toEqual({
      message: { role: 'assistant', content: 'hello' },
      finishReason: 'stop',
      rawFinishReason: 'stop',
      usage: { unified: undefined, raw: undefined },
      responseModel: 'm',
      warnings: [],
    });
  });

  it('streams the bytes of the vendor, read with a state of their own', async () => {
    const chunk = '{"id":"c","choices":[{"delta":{"content":"a"},"logprobs":{}}]}';
    const bytes = `data: ${chunk}\r\n\r\ndata: [DONE]\n\n`;
    const { options } = answeringEvents([bytes]);
    const { body, read } = await nativeOf(openaiAdapter).stream(REQUEST, options);
    const [theirs, ours] = body.tee();
    const [group] = await drain(read(ours.getReader()));
    expect(await new Response(theirs).text()).toBe(bytes);
    expect(group?.events.map(({ data }) => data)).toEqual([chunk, '[DONE]']);
    expect(group?.parts).toMatchObject([
      { type: 'response-start' },
      { type: 'text-delta', text: 'a' },
      { type: 'finish', finishReason: 'unknown' },
    ]);
  });

  it('that cannot be read as an answer is a bad response', async () => {
    const call = nativeOf(openaiAdapter).generate(REQUEST, answeringJson({ choices: [] }).options);
    await expect(call).rejects.toMatchObject({ kind: 'bad-response', billing: 'maybe-billed' });
  });
});

it('a vendor with a format of its own takes no body of a client', () => {
  expect([mistralAdapter, perplexityAdapter].map(({ native }) => native)).toEqual([undefined, undefined]);
});
