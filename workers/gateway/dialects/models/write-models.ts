import type { AnthropicModel } from '../../../../shared/contracts/http/anthropic/models.ts';
import type { OpenAiModel } from '../../../../shared/contracts/http/openai/models.ts';
import type { NamedModel } from './list-names.ts';

/** As OpenAI's clients read it. */
export function toOpenAiModel({ id, owner, contextTokens }: NamedModel): OpenAiModel {
  return { id, object: 'model', created: 0, owned_by: owner, context_length: contextTokens };
}

/** As Anthropic's clients read it; the epoch is what that API says where a date is not known. */
export function toAnthropicModel({ id, contextTokens }: NamedModel): AnthropicModel {
  return {
    id,
    type: 'model',
    display_name: id,
    created_at: '1970-01-01T00:00:00Z',
    max_input_tokens: contextTokens,
    max_tokens: null,
  };
}
