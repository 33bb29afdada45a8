import type { ChatMessage } from '../contract.ts';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** Nine letters and digits are an id to every vendor. */
const LENGTH = 9;

/**
 * A conversation with ids of tool calls that a vendor takes: those of `form`, whoever made them. Equal ids stay equal, in
 * every request of the conversation, and different ones stay different, so that a call and its result still meet.
 */
export function adaptIds(messages: readonly ChatMessage[], form: RegExp): readonly ChatMessage[] {
  const adapted = adaptedIds(messages.flatMap(idsOf), form);
  if (adapted.size === 0) return messages;
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

/** Those that the vendor takes stay as they are, wherever they stand, and no other one becomes one of them. */
function adaptedIds(ids: readonly string[], form: RegExp): ReadonlyMap<string, string> {
  const taken = new Set(ids.filter((id) => form.test(id)));
  const adapted = new Map<string, string>();
  for (const id of ids) {
    if (form.test(id) || adapted.has(id)) continue;
    let seed = 0;
    let own = hashed(id, seed);
    while (taken.has(own)) own = hashed(id, ++seed);
    taken.add(own);
    adapted.set(id, own);
  }
  return adapted;
}

/** An id in the place of one that a vendor does not take: 53 bits of two FNV-1a hashes fit into nine digits of base 62. */
export function hashed(id: string, seed = 0): string {
  let number = (fnv1a(`${seed}:${id}`) % 2 ** 21) * 2 ** 32 + fnv1a(`${id}:${seed}`);
  let text = '';
  while (text.length < LENGTH) {
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
