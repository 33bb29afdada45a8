import type { AnthropicCountTokensRequest } from '../../../../shared/contracts/http/anthropic/count-tokens.ts';
import type { ChatInput } from '../../../../shared/contracts/http/chat-input.ts';
import type { Notes } from '../notes.ts';
import { HIGH_BUDGET_TOKENS, MEDIUM_BUDGET_TOKENS } from './constants.ts';

type Effort = ChatInput['reasoningEffort'];

/**
 * How much the model is to think. A budget becomes the effort that it comes nearest to; thinking that is turned off wins
 * over an effort, and adaptive thinking without one is high, as at Anthropic.
 * https://platform.claude.com/docs/en/build-with-claude/effort
 */
export function readEffort(
  { thinking, output_config: config }: Pick<AnthropicCountTokensRequest, 'thinking' | 'output_config'>,
  notes: Notes,
): Effort {
  if (thinking && 'display' in thinking && thinking.display === 'omitted') notes.unsay('thinking.display', thinking);
  switch (thinking?.type) {
    case 'disabled':
      notes.unsay('output_config.effort', config?.effort);
      return 'none';
    case 'enabled': {
      const effort = effortOfBudget(thinking.budget_tokens);
      notes.unsay('output_config.effort', config?.effort);
      notes.unsaid.add(`thinking.budget_tokens became effort ${effort}: the provider is given no budget`);
      return effort;
    }
    case 'adaptive':
      return readLevel(config?.effort, notes) ?? 'high';
    case 'between_tools':
      notes.unsay('thinking between_tools', thinking);
      return readLevel(config?.effort, notes);
    case undefined:
      return readLevel(config?.effort, notes);
  }
}

function effortOfBudget(tokens: number): Effort {
  if (tokens < MEDIUM_BUDGET_TOKENS) return 'low';
  return tokens < HIGH_BUDGET_TOKENS ? 'medium' : 'high';
}

type Level = NonNullable<AnthropicCountTokensRequest['output_config']>['effort'];

function readLevel(level: Level, notes: Notes): Effort {
  if (level !== 'xhigh' && level !== 'max') return level ?? undefined;
  notes.unsaid.add(`output_config.effort ${level} became high: the provider has no more`);
  return 'high';
}
