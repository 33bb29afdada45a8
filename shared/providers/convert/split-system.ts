import type { ChatMessage } from '../contract.ts';

/** A message of the conversation proper. */
export type Turn = Exclude<ChatMessage, { readonly role: 'system' }>;

/** Takes the system messages out, for vendors that accept them only ahead of the conversation. */
export function splitSystem(messages: readonly ChatMessage[]): {
  readonly system: readonly string[];
  readonly turns: readonly Turn[];
  readonly warnings: readonly string[];
} {
  const system: string[] = [];
  const turns: Turn[] = [];
  let isReordered = false;
  for (const message of messages) {
    if (message.role === 'system') {
      system.push(message.content);
      isReordered ||= turns.length > 0;
    } else {
      turns.push(message);
    }
  }
  const warnings = isReordered ? ['system messages were moved ahead of the conversation'] : [];
  return { system, turns, warnings };
}
