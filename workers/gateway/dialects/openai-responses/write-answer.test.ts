import { describe, expect, it } from 'vitest';
import { openAiResponse } from '../../../../shared/contracts/http/openai/responses.ts';
import { signedId } from '../signed-ids.ts';
import { created, response, written } from './testing/fixtures.ts';

const HEX = '0198c0de000070008000000000000001';

describe('a whole answer', () => {
  it('has thoughts, text with sources, and calls in the API’s order', async () => {
    const call = { id: 'c1', name: 'f', arguments: '{"a":1}', signature: 'sig' };
    const answer = response(
      {
        content: 'hello',
        reasoning: [
          { type: 'reasoning', text: 'Hm.', signature: 'proof' },
          { type: 'reasoning', text: '', signature: 'hidden' },
        ],
        toolCalls: [call],
      },
      { finishReason: 'tool-calls', sources: [{ url: 'https://a.example', title: 'A' }, { url: 'https://b.example' }] },
    );
    const citing = { type: 'url_citation', start_index: 0, end_index: 0 };
    const annotations = [
      { ...citing, url: 'https://a.example', title: 'A' },
      { ...citing, url: 'https://b.example', title: 'https://b.example' },
    ];
    const got = await created(answer);
    expect(got.output_text).toBe('hello');
    expect(got.output).toStrictEqual([
      {
        id: `rs_${HEX}_0`,
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 'Hm.' }],
        encrypted_content: 'proof',
      },
      { id: `rs_${HEX}_1`, type: 'reasoning', summary: [], encrypted_content: 'hidden' },
      {
        id: `msg_${HEX}_2`,
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'hello', annotations, logprobs: [] }],
      },
      {
        id: `fc_${HEX}_3`,
        type: 'function_call',
        status: 'completed',
        call_id: signedId(call),
        name: 'f',
        arguments: '{"a":1}',
      },
    ]);
    expect(openAiResponse.safeParse(written(answer)).error).toBeUndefined();
  });

  it('says who answered, when, and what was used', async () => {
    expect(await created(response({ content: 'hi' }))).toMatchObject({
      id: `resp_${HEX}`,
      object: 'response',
      created_at: 1_700_000_000,
      completed_at: 1_700_000_002,
      model: 'gemini "x"',
      status: 'completed',
      error: null,
      incomplete_details: null,
      store: false,
      usage: {
        input_tokens: 30,
        input_tokens_details: { cached_tokens: 10, cache_write_tokens: 5 },
        output_tokens: 20,
        output_tokens_details: { reasoning_tokens: 15 },
        total_tokens: 50,
      },
    });
  });

  it('has no usage where the provider reported none', () => {
    expect(written({ ...response({ content: 'hi' }), usage: null })).not.toHaveProperty('usage');
  });

  it('repeats what the request set', async () => {
    const set = {
      instructions: 'Be kind.',
      max_output_tokens: 9,
      metadata: { a: 'b' },
      parallel_tool_calls: false,
      prompt_cache_key: 'p',
      reasoning: { effort: 'low', summary: 'auto' },
      safety_identifier: 's',
      temperature: 0.1,
      text: { format: { type: 'json_schema', name: 'n', schema: {}, strict: true }, verbosity: 'low' },
      tool_choice: 'required',
      tools: [{ type: 'function', name: 'f', description: 'd', parameters: {}, strict: false }],
      top_p: 0.2,
      truncation: 'auto',
      user: 'u',
    };
    expect(await created(response({ content: 'hi' }), set)).toMatchObject(set);
  });

  it('has the API’s own settings where the request was silent', () => {
    expect(written(response({ content: 'hi' }))).toMatchObject({
      instructions: null,
      max_output_tokens: null,
      metadata: {},
      parallel_tool_calls: true,
      temperature: null,
      text: { format: { type: 'text' } },
      tool_choice: 'auto',
      tools: [],
      truncation: 'disabled',
    });
  });

  it.each([
    ['length', 'max_output_tokens'],
    ['content-filter', 'content_filter'],
  ] as const)('that ended by %s is incomplete', (finishReason, reason) => {
    expect(written(response({ content: 'hi' }, { finishReason }))).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason },
      completed_at: null,
      output: [{ status: 'incomplete' }],
    });
  });

  it('that the model ended by an error has failed', () => {
    const ended = { finishReason: 'error', rawFinishReason: 'MALFORMED_FUNCTION_CALL' } as const;
    expect(written(response({}, ended))).toMatchObject({
      status: 'failed',
      error: { code: 'server_error', message: 'The model ended with an error: MALFORMED_FUNCTION_CALL' },
      output: [],
    });
  });

  it.each(['stop', 'tool-calls', 'other', 'unknown'] as const)('that ended by %s is completed', (finishReason) => {
    expect(written(response({ content: 'hi' }, { finishReason })).status).toBe('completed');
  });
});
