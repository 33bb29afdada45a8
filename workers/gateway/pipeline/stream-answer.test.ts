import { expect, it } from 'vitest';
import type { StreamPart } from '../../../shared/providers/contract.ts';
import { orchestrateEncoder } from './orchestrate-encoder.ts';
import { StreamAnswer } from './stream-answer.ts';

const USAGE = { unified: { inputTokens: 3, outputTokens: 9 }, raw: { prompt_tokens: 3 } };
const CALL = { id: 'c1', name: 'weather', arguments: '{"city":"Köln"}' };
const PARTS: StreamPart[] = [
  { type: 'response-start', responseModel: 'm-1' },
  { type: 'reasoning-delta', text: 'Let me' },
  { type: 'reasoning-delta', text: ' see.' },
  { type: 'reasoning-end', signature: 'proof' },
  { type: 'text-delta', text: 'It is ' },
  { type: 'text-delta', text: 'warm.\n' },
  { type: 'tool-call-start', id: 'c1', name: 'weather' },
  { type: 'tool-call-delta', id: 'c1', argumentsDelta: CALL.arguments },
  { type: 'tool-call-end', call: CALL },
  { type: 'source', source: { url: 'https://weather.example' } },
  { type: 'usage-update', usage: { unified: { inputTokens: 3 }, raw: undefined } },
  { type: 'finish', finishReason: 'tool-calls', rawFinishReason: 'tool_calls', usage: USAGE },
];

it('puts a stream together to the answer that would have come at once', () => {
  const answer = new StreamAnswer();
  for (const part of PARTS) answer.accept(part);
  expect(answer.toResult()).toEqual({
    message: {
      role: 'assistant',
      content: 'It is warm.\n',
      reasoning: [{ type: 'reasoning', text: 'Let me see.', signature: 'proof' }],
      toolCalls: [CALL],
    },
    finishReason: 'tool-calls',
    rawFinishReason: 'tool_calls',
    usage: USAGE,
    responseModel: 'm-1',
    sources: [{ url: 'https://weather.example' }],
    warnings: [],
  });
  expect(answer.writtenLength).toBe('Let me see.It is warm.\nweather{"city":"Köln"}'.length);
});

it('keeps a thought that the stream did not end', () => {
  const answer = new StreamAnswer();
  answer.accept({ type: 'reasoning-delta', text: 'half a' });
  expect(answer.toResult().message.reasoning).toEqual([{ type: 'reasoning', text: 'half a' }]);
});

it('writes each part as one event of one line of data', () => {
  const text = orchestrateEncoder.parts(PARTS);
  expect(
    text
      .split('\n\n')
      .filter((block) => block !== '')
      .every((block) => /^event: [\w.]+\ndata: \{.*\}$/.test(block)),
  ).toBe(true);
  expect(text).toContain('event: text.delta\ndata: {"text":"warm.\\n"}\n\n');
});
