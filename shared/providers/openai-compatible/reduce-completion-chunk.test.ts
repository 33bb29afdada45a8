import { describe, expect, it } from 'vitest';
import type { StreamPart } from '../contract.ts';
import { openaiAdapter } from '../openai/adapter.ts';
import { answeringEvents, collect } from '../testing/answering.ts';

const chunk = (choice: object | undefined, over: object = {}) =>
  `data: ${JSON.stringify({ object: 'text_completion', model: 'instruct', choices: choice ? [choice] : [], ...over })}\n\n`;
const say = (text: string, finish_reason: string | null = null) =>
  chunk({ text, index: 0, logprobs: null, finish_reason });
const DONE = 'data: [DONE]\n\n';

async function stream(...chunks: readonly string[]) {
  const { options, seen } = answeringEvents(chunks);
  const result = await openaiAdapter.streamCompletion?.({ prompt: 'Once', maxOutputTokens: 5, seed: 4 }, options);
  if (!result) throw new Error('the adapter streams no completions');
  return { seen, warnings: result.warnings, parts: await collect(result) };
}

const last = async (...chunks: readonly string[]): Promise<StreamPart | undefined> =>
  (await stream(...chunks)).parts.at(-1);

/** https://developers.openai.com/api/reference/resources/completions/methods/create */
describe('a streamed completion', () => {
  it('tells text as it comes and the usage that follows the finish reason', async () => {
    const raw = { prompt_tokens: 1, completion_tokens: 3, total_tokens: 4 };
    const { parts, seen, warnings } = await stream(
      say(' upon'),
      say(' a'),
      say('', 'length'),
      chunk(undefined, { usage: raw }),
      DONE,
    );
    const usage = { unified: { inputTokens: 1, outputTokens: 3 }, raw };
    expect(parts).toEqual([
      { type: 'response-start', responseModel: 'instruct' },
      { type: 'text-delta', text: ' upon' },
      { type: 'text-delta', text: ' a' },
      { type: 'usage-update', usage },
      { type: 'finish', finishReason: 'length', rawFinishReason: 'length', usage },
    ]);
    expect(warnings).toEqual([]);
    expect(seen).toMatchObject([
      {
        url: 'https://api.openai.com/v1/completions',
        body: {
          ...{ model: 'test-model', prompt: 'Once', max_tokens: 5, seed: 4 },
          ...{ stream: true, stream_options: { include_usage: true } },
        },
      },
    ]);
  });

  it('is cut without [DONE], whatever came before', async () => {
    const error = { kind: 'upstream-cut', billing: 'maybe-billed' };
    expect(await last(say(' upon', 'stop'))).toMatchObject({ type: 'stream-error', error });
  });

  it.each([
    ['data: {"error":{"message":"x","type":"server_error","code":null}}\n\n', 'retryable'],
    ['event: error\ndata: {"message":"x","type":"overloaded_error"}\n\n', 'overloaded'],
    ['data: {"choices":[{"text":3}]}\n\n', 'bad-response'],
    ['data: {}\n\n', 'bad-response'],
    ['data: {\n\n', 'bad-response'],
    [DONE, 'bad-response'],
  ])('that tells %j ends in an error', async (event, kind) => {
    expect(await last(event, DONE)).toMatchObject({ type: 'stream-error', error: { kind, billing: 'maybe-billed' } });
  });

  it('is refused as any other request', async () => {
    const { options } = answeringEvents(['{}'], { status: 404 });
    const call = openaiAdapter.streamCompletion?.({ prompt: 'Once', maxOutputTokens: 5 }, options);
    await expect(call).rejects.toMatchObject({ kind: 'model-not-found' });
  });
});
