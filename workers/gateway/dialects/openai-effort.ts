import type { ChatInput } from '../../../shared/contracts/http/chat-input.ts';

/** The effort of the platform's form that is nearest to each of OpenAI's. */
export const NEAREST_EFFORT = {
  none: 'none',
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
} as const satisfies Record<string, ChatInput['reasoningEffort']>;
