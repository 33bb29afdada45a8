import type { ChatMessage } from '../contract.ts';
import { TOOL_CALL_ID_LENGTH } from './constants.ts';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const OWN_FORM = new RegExp(`^[a-zA-Z0-9]{${TOOL_CALL_ID_LENGTH}}$`);

/**
 * A conversation with ids of tool calls that Mistral takes. Equal ids stay equal, in every request of the conversation,
 * and different ones stay different, so that a call and its result still meet.
 */
export function adaptIds(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  const adapted = adaptedIds(messages.flatMap(idsOf));
  const adapt = (id: string) => adapted.get(id) ?? id;
  return messages.map((message) => {
    if (message.role === 'tool') return { ...message, toolCallId: adapt(message.toolCallId) };
    if (message.role !== 'assistant' || !message.toolCalls) return message;
    return { ...message, toolCalls: message.toolCalls.map((call) => ({ ...call, id: adapt(call.id) })) };
  });
}

function idsOf(message: ChatMessage): string[] {
  if (message.role === 'tool') return [message.toolCallId];
  return message.role === 'assistant' ? (message.toolCalls ?? []).map(({ id }) => id) : [];
}

/** Those that Mistral takes stay as they are, wherever they stand, and no other one becomes one of them. */
function adaptedIds(ids: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set(ids.filter((id) => OWN_FORM.test(id)));
  const adapted = new Map<string, string>();
  for (const id of ids) {
    if (OWN_FORM.test(id) || adapted.has(id)) continue;
    let seed = 0;
    let own = hashed(id, seed);
    while (taken.has(own)) own = hashed(id, ++seed);
    taken.add(own);
    adapted.set(id, own);
  }
  return adapted;
}

/** 53 bits of two FNV-1a hashes, which fit into nine digits of base 62. */
function hashed(id: string, seed: number): string {
  let number = (fnv1a(`${seed}:${id}`) % 2 ** 21) * 2 ** 32 + fnv1a(`${id}:${seed}`);
  let text = '';
  while (text.length < TOOL_CALL_ID_LENGTH) {
    text = DIGITS.charAt(number % DIGITS.length) + text;
    number = Math.floor(number / DIGITS.length);
  }
  return text;
}

/** http://www.isthe.com/chongo/tech/comp/fnv/ over UTF-16 code units. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
