import type { ProviderName } from './contract.ts';

/** What a model can be given, as far as its provider and its name tell. */
export interface ModelCapabilities {
  /** Embeds, completes text, or chats: one of them. */
  readonly task: 'chat' | 'completion' | 'embedding';
  readonly tools: boolean;
  readonly vision: boolean;
  readonly files: boolean;
  readonly structuredOutput: boolean;
}

/** Chat models that take text alone, tools at most. */
const TEXT_ONLY =
  /^(gpt-3\.5|gpt-4(-\d{4})?$|o1-mini|o1-preview|o3-mini|codestral|devstral|open-mi[sx]tral|mistral-nemo)/;

/** Chat models that no schema can be enforced on. */
const WITHOUT_SCHEMA = /^(gpt-3\.5|gpt-4(-\d{4})?$|o1-mini|o1-preview)/;

/** Chat models without tools. */
const WITHOUT_TOOLS = /^(o1-mini|o1-preview)/;

/**
 * What a model can do, by the adapter's own options and by the names of models that lack what others of their vendor have.
 * A model that is not known is taken to have it all: the vendor says so if it does not. Of a compatible server nothing is
 * known.
 */
export function capabilitiesOf(provider: ProviderName, model: string): ModelCapabilities {
  return {
    task: taskOf(model),
    tools: provider !== 'perplexity' && !WITHOUT_TOOLS.test(model),
    vision: !TEXT_ONLY.test(model),
    files: !TEXT_ONLY.test(model),
    structuredOutput: !WITHOUT_SCHEMA.test(model),
  };
}

function taskOf(model: string): ModelCapabilities['task'] {
  if (/embed/.test(model)) return 'embedding';
  return /^gpt-3\.5-turbo-instruct|^(davinci|babbage)-002/.test(model) ? 'completion' : 'chat';
}
