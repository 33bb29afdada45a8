import type { ChatRequest } from '../contract.ts';

type Option = Exclude<keyof ChatRequest, 'messages' | 'maxOutputTokens'>;

/** One warning for each option that the request sets and the vendor does not have. */
export function warnUnsupported(request: ChatRequest, options: readonly Option[]): string[] {
  return options
    .filter((option) => request[option] !== undefined)
    .map((option) => `${option} was ignored: the provider does not support it`);
}
