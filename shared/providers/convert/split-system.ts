import type { ChatMessage } from '../contract.ts';

/** A message of the conversation proper. */
export interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

/** Takes the system messages out, for vendors that accept them only ahead of the conversation. */
export function splitSystem(messages: readonly ChatMessage[]): {
  readonly system: readonly string[];
  readonly turns: readonly Turn[];
  readonly warnings: readonly string[];
} {
  const system: string[] = [];
  const turns: Turn[] = [];
  let isReordered = false;
  for (const { role, content } of messages) {
    if (role === 'system') {
      system.push(content);
      isReordered ||= turns.length > 0;
    } else {
      turns.push({ role, content });
    }
  }
  const warnings = isReordered ? ['system messages were moved ahead of the conversation'] : [];
  return { system, turns, warnings };
}
