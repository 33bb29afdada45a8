import { exports } from 'cloudflare:workers';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { type KeyedTenant, mintKeyedTenant } from '../../harness/keyed-tenant.ts';

const MODEL = 'openai/gpt-4o-mini';
const messages = [{ role: 'user' as const, content: 'hello' }];

/** A network that loses the answer to the first request, all of which has come by then; and what went over it. */
function losing() {
  const sent: { readonly key: string | null; readonly isReplay: boolean }[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const response = await exports.default.fetch(request);
    const isReplay = response.headers.has('idempotent-replayed');
    sent.push({ key: request.headers.get('idempotency-key'), isReplay });
    if (sent.length > 1) return response;
    await response.text();
    throw new TypeError('the connection was lost');
  };
  return { sent, fetch };
}

type Ask = (to: KeyedTenant, fetch: typeof globalThis.fetch, headers: Record<string, string>) => Promise<string>;

const options = ({ tenant }: KeyedTenant, fetch: typeof globalThis.fetch) => ({ apiKey: tenant.apiKey, fetch });

const CLIENTS: [name: string, script: string, ask: Ask][] = [
  [
    'openai',
    'silent-answer',
    async (to, fetch, headers) => {
      const client = new OpenAI({ ...options(to, fetch), baseURL: 'https://gateway.test/v1' });
      const answer = await client.chat.completions.create({ model: MODEL, messages }, { headers });
      return answer.choices[0]?.message.content ?? '';
    },
  ],
  [
    'openai, streamed',
    'whole',
    async (to, fetch, headers) => {
      const client = new OpenAI({ ...options(to, fetch), baseURL: 'https://gateway.test/v1' });
      const stream = await client.chat.completions.create({ model: MODEL, messages, stream: true }, { headers });
      let text = '';
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
      return text;
    },
  ],
  [
    '@anthropic-ai/sdk, streamed',
    'whole',
    async (to, fetch, headers) => {
      const client = new Anthropic({ ...options(to, fetch), baseURL: 'https://gateway.test' });
      const stream = client.messages.stream({ model: MODEL, max_tokens: 9, messages }, { headers });
      return await stream.finalText();
    },
  ],
];

describe.each(CLIENTS)('a retry of %s', (_name, script, ask) => {
  it('sends the key again, and gets the answer that was lost', async () => {
    const to = await mintKeyedTenant(script);
    const { sent, fetch } = losing();
    expect(await ask(to, fetch, { 'Idempotency-Key': 'k' })).not.toBe('');
    expect(sent).toEqual([
      { key: 'k', isReplay: false },
      { key: 'k', isReplay: true },
    ]);
    expect((await to.calls()).count).toBe(1);
  });

  it('control: without a key it is another request', async () => {
    const to = await mintKeyedTenant(script);
    const { sent, fetch } = losing();
    expect(await ask(to, fetch, {})).not.toBe('');
    expect(sent.map(({ isReplay }) => isReplay)).toEqual([false, false]);
    expect((await to.calls()).count).toBe(2);
  });
});
