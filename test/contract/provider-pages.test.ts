import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { PROVIDERS, type ProviderName } from '../../shared/contracts/names.ts';
import type { ChatMessage, ChatRequest, FilePart, ImagePart, Tool } from '../../shared/providers/contract.ts';
import { adapterFor } from '../../shared/providers/registry.ts';
import { answeringJson } from '../../shared/providers/testing/answering.ts';

const PAGES = join(import.meta.dirname, '../../docs/providers');

it.each(PROVIDERS)('docs/providers/%s.md says of every option what the adapter does with it', async (provider) => {
  expect(tableUnder('## What works', `${provider}.md`)).toEqual(await capabilitiesOf(provider));
});

/** Rows of the first table under a heading, without its head. */
function tableUnder(heading: string, page: string): string[] {
  const [, section = ''] = readFileSync(join(PAGES, page), 'utf8').split(`${heading}\n`);
  const [table = ''] = section.split('\n## ');
  return table
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2);
}

async function capabilitiesOf(provider: ProviderName): Promise<string[]> {
  const { complete, embed } = adapterFor(provider);
  const rows = [
    ['legacy completions', complete ? 'work' : 'are refused'],
    ['embeddings', embed ? 'work' : 'are refused'],
  ];
  for (const [name, { asked, without }] of Object.entries(PROBES))
    rows.push([name, await judge(provider, asked, without)]);
  return rows.map(([name, outcome]) => `| ${name} | ${outcome} |`);
}

/** What the adapter warns of for what was asked; without a warning, if it made a difference to what was sent. */
async function judge(provider: ProviderName, asked: ChatRequest, without: ChatRequest): Promise<string> {
  const [answer, other] = [await send(provider, asked), await send(provider, without)];
  const warnings = answer.warnings.filter((warning) => !other.warnings.includes(warning));
  if (warnings.length > 0) return warnings.join('; ');
  return isDeepStrictEqual(answer.body, other.body) ? 'is dropped without a word' : 'works';
}

async function send(provider: ProviderName, request: ChatRequest) {
  const { options, seen } = answeringJson(ANSWERS[provider]);
  const { warnings } = await adapterFor(provider).generate(request, { ...options, baseUrl: 'https://vendor.test/v1' });
  return { warnings, body: seen[0]?.body };
}

const COMPLETION = { choices: [{ message: { content: 'hello' }, finish_reason: 'stop' }] };
const ANSWERS: Record<ProviderName, object> = {
  openai: COMPLETION,
  anthropic: { content: [{ type: 'text', text: 'hello' }], stop_reason: 'end_turn' },
  google: { candidates: [{ content: { parts: [{ text: 'hello' }] }, finishReason: 'STOP' }] },
  perplexity: COMPLETION,
  mistral: COMPLETION,
  'openai-compatible': COMPLETION,
};

interface Probe {
  readonly asked: ChatRequest;
  /** The same request without what is probed. */
  readonly without: ChatRequest;
}

const PLAIN: ChatRequest = { messages: [{ role: 'user', content: 'hi' }], maxOutputTokens: 2_000 };
const SCHEMA = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };
const TOOL: Tool = { name: 'look', parameters: SCHEMA };
const [PDF, AUDIO] = ['application/pdf', 'audio/wav'];

type Option = Exclude<keyof ChatRequest, 'messages' | 'maxOutputTokens' | 'providerOptions'>;

const OPTIONS: { readonly [Name in Option]: Required<Pick<ChatRequest, Name>>[Name] } = {
  temperature: 0.5,
  topP: 0.5,
  topK: 5,
  frequencyPenalty: 0.5,
  presencePenalty: 0.5,
  stop: ['.'],
  seed: 1,
  reasoningEffort: 'low',
  tools: [TOOL],
  toolChoice: 'required',
  parallelToolCalls: false,
  responseFormat: { type: 'json', schema: SCHEMA },
};

const PROBES: { readonly [name: string]: Probe } = {
  ...Object.fromEntries(
    Object.entries(OPTIONS).map(([name, value]): [string, Probe] => {
      const without = name === 'toolChoice' || name === 'parallelToolCalls' ? { ...PLAIN, tools: [TOOL] } : PLAIN;
      return [`\`${name}\``, { without, asked: { ...without, [name]: value } }];
    }),
  ),
  'JSON without a schema': { without: PLAIN, asked: { ...PLAIN, responseFormat: { type: 'json' } } },
  'an image': part({ type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'aGk=' } }),
  'an image by its URL': part({ type: 'image', source: { kind: 'url', url: 'https://x.test/a.png' } }),
  'a PDF': part({ type: 'file', source: { kind: 'base64', mediaType: PDF, data: 'aGk=' } }),
  'a PDF by its URL': part({ type: 'file', source: { kind: 'url', url: 'https://x.test/a.pdf', mediaType: PDF } }),
  'an audio file': part({ type: 'file', source: { kind: 'base64', mediaType: AUDIO, data: 'aGk=' } }),
  'a later system message': conversation([{ role: 'system', content: 'be brief' }], []),
  'reasoning of an earlier turn': conversation(
    [
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'hm', signature: 'c2ln' },
          { type: 'text', text: 'ok' },
        ],
      },
    ],
    [{ role: 'assistant', content: [{ type: 'text', text: 'ok' }] }],
  ),
  'a tool call and its result': conversation(toolTurn(), []),
  'an error as a tool result': conversation(toolTurn({ isError: true }), toolTurn()),
};

function part(media: ImagePart | FilePart): Probe {
  const text = { type: 'text', text: 'hi' } as const;
  const saying = (content: (typeof text | ImagePart | FilePart)[]): ChatRequest => ({
    ...PLAIN,
    messages: [{ role: 'user', content }],
  });
  return { asked: saying([text, media]), without: saying([text]) };
}

function conversation(asked: readonly ChatMessage[], without: readonly ChatMessage[]): Probe {
  const around = (middle: readonly ChatMessage[]): ChatRequest => ({
    ...PLAIN,
    messages: [...PLAIN.messages, ...middle, { role: 'user', content: 'and?' }],
  });
  return { asked: around(asked), without: around(without) };
}

function toolTurn(result: { readonly isError?: boolean } = {}): ChatMessage[] {
  return [
    { role: 'assistant', content: '', toolCalls: [{ id: 'call_1', name: 'look', arguments: '{}' }] },
    { role: 'tool', toolCallId: 'call_1', toolName: 'look', content: 'gone', ...result },
  ];
}
