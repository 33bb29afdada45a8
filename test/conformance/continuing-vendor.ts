import * as z from 'zod';
import type { ProviderName } from '../../shared/contracts/names.ts';
import { eventStream } from '../../shared/providers/testing/answering.ts';

/** Vendors that go on with the beginning of an answer, each with a model that does. */
export const CONTINUERS = [
  { provider: 'anthropic', model: 'claude-haiku-4-5' },
  { provider: 'mistral', model: 'mistral-small-2603' },
] as const satisfies readonly { readonly provider: ProviderName; readonly model: string }[];
export type Continuer = (typeof CONTINUERS)[number];

const asked = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.string(), prefix: z.literal(true).optional() })),
});

/** Sets what a continuing vendor does wrong; without one, nothing. */
export interface Manners {
  /** Says the beginning once more, as Mistral does: false where it does not. */
  readonly echoes?: boolean;
  /** What of the rest it says. */
  readonly rest?: (rest: string) => string;
  /** Breaks off behind so many pieces. */
  readonly breaksAfter?: number;
}

/**
 * What a vendor whose whole answer would be `whole` streams: all of it, or what is left of it behind the beginning that the
 * request ends with. A beginning that is not one of `whole`, or not in the vendor's form, is refused as the vendor would.
 */
export function continuingResponse(
  provider: Continuer['provider'],
  whole: string,
  requestBody: unknown,
  {
    echoes = provider === 'mistral',
    rest: restOf = (rest) => rest,
    breaksAfter = Number.POSITIVE_INFINITY,
  }: Manners = {},
): Response {
  const { messages } = asked.parse(JSON.parse(String(requestBody)));
  const last = messages.at(-1);
  const begun = last?.role === 'assistant' ? last.content : '';
  const isMarked = last?.role !== 'assistant' || last.prefix === (provider === 'mistral' ? true : undefined);
  const isTaken = provider === 'mistral' || begun === begun.trimEnd();
  if (!isMarked || !isTaken || !whole.startsWith(begun)) return new Response('{}', { status: 400 });
  const rest = restOf(whole.slice(begun.length));
  // Mistral gives the white space at the end of the beginning with what follows it.
  const echo = echoes ? [begun.trimEnd(), begun.slice(begun.trimEnd().length)] : [];
  const pieces = [...echo, rest.slice(0, 7), rest.slice(7)].filter((piece) => piece !== '').slice(0, breaksAfter);
  const { head, piece, tail } = FORMS[provider];
  return eventStream([head, ...pieces.map(piece), ...(Number.isFinite(breaksAfter) ? [] : [tail])]);
}

const event = (type: string, data: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
const chunk = (delta: object, finish_reason: string | null, usage?: object) => {
  const choices = [{ index: 0, delta, finish_reason }];
  const body = { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices, ...(usage && { usage }) };
  return `data: ${JSON.stringify(body)}\n\n`;
};

/** Both tell a usage of 6 tokens of input and 4 of output. */
const FORMS = {
  anthropic: {
    head:
      event('message_start', { message: { model: 'claude', usage: { input_tokens: 6, output_tokens: 1 } } }) +
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    piece: (text: string) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
    tail:
      event('content_block_stop', { index: 0 }) +
      event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 4 } }) +
      event('message_stop', {}),
  },
  mistral: {
    head: chunk({ role: 'assistant', content: '' }, null),
    piece: (content: string) => chunk({ content }, null),
    tail: `${chunk({ content: '' }, 'stop', { prompt_tokens: 6, completion_tokens: 4, total_tokens: 10 })}data: [DONE]\n\n`,
  },
} as const;
