import OpenAI from 'openai';
import { openAiResponsesRequest } from '../../../../../shared/contracts/http/openai/responses.ts';
import type { OrchestrateResponse } from '../../../../../shared/contracts/http/orchestrate.ts';
import type { StreamPart } from '../../../../../shared/providers/contract.ts';
import type { StreamStart } from '../../../pipeline/stream-encoder.ts';
import type { ChatOutput } from '../../chat-output.ts';
import { readRequest } from '../read-request.ts';
import { createStreamEncoder } from '../stream-encoder.ts';
import { writeAnswer } from '../write-answer.ts';

export const START: StreamStart = {
  requestId: '0198c0de-0000-7000-8000-000000000001',
  provider: 'google',
  model: 'gemini "x"',
  traceId: 't',
  startedAt: 1_700_000_000_999,
};

/** Reads a body as the route does: through its schema. Throws where the schema refuses it. */
export function read(body: object) {
  return readRequest(openAiResponsesRequest.parse({ model: 'm', ...body }));
}

/** The same for a body that must be taken. */
export function taken(body: object) {
  const result = read(body);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** A response of the platform with this chat output. */
export function response(
  message: Partial<ChatOutput['message']>,
  over: Partial<Omit<ChatOutput, 'message'>> = {},
): OrchestrateResponse {
  const { requestId, provider, model } = START;
  return {
    requestId,
    provider,
    model,
    status: 'completed',
    output: {
      message: { role: 'assistant', content: '', ...message },
      finishReason: 'stop',
      rawFinishReason: null,
      ...over,
    },
    costUsd: null,
    latencyMs: 2_000,
    usage: { inputTokens: 30, outputTokens: 20, cachedInputTokens: 10, cacheWriteTokens: 5, reasoningTokens: 15 },
    rawUsage: null,
    trace: { traceId: 't' },
    warnings: [],
  };
}

/** The text of a stream that brings `groups` and completes with `ended`. */
export function encode(groups: readonly (readonly StreamPart[])[], ended: OrchestrateResponse, body: object = {}) {
  const encoder = createStreamEncoder({ echo: taken({ input: 'hi', ...body }).echo });
  const opening = encoder.start(START);
  const texts = groups.map((group) => encoder.parts(group));
  return opening + texts.join('') + encoder.end({ event: 'completed', response: ended });
}

/** What a whole answer is on the wire. */
export function written(ended: OrchestrateResponse, body: object = {}) {
  return writeAnswer(ended, { echo: taken({ input: 'hi', ...body }).echo, startedAt: START.startedAt });
}

/** OpenAI's own client, answered with `text`; the bodies that it sends are pushed to `sent`. */
export function clientAnswered(text: string, contentType: string, sent: unknown[] = []): OpenAI {
  return new OpenAI({
    apiKey: 'k',
    maxRetries: 0,
    fetch: async (_, init) => {
      sent.push(JSON.parse(String(init?.body)));
      return new Response(text, { headers: { 'content-type': contentType } });
    },
  });
}

/** What the client makes of a whole answer. */
export function created(ended: OrchestrateResponse, body: object = {}) {
  return clientAnswered(JSON.stringify(written(ended, body)), 'application/json').responses.create({
    model: 'm',
    input: 'hi',
  });
}

/** What the client makes of a stream. */
export function streamed(text: string) {
  return clientAnswered(text, 'text/event-stream').responses.stream({ model: 'm', input: 'hi' });
}
