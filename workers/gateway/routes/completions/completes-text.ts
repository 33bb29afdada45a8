import type { ModelName } from '../../../../shared/domain/routing/candidate.ts';

/** OpenAI's models that complete text and cannot chat. */
const COMPLETING = /^(gpt-3\.5-turbo-instruct|davinci-002|babbage-002)/;

/** Whether a model completes text itself. Any other one is asked the prompt as a chat. */
export function completesText({ provider, model }: ModelName): boolean {
  return provider === 'openai-compatible' || (provider === 'openai' && COMPLETING.test(model));
}
