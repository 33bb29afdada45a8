import type { ChatRequest } from '../contract.ts';

type Option = Exclude<keyof ChatRequest, 'messages' | 'maxOutputTokens'>;

/** The warning for a thing that the request has and the vendor has not. */
export function ignored(thing: string): string {
  return `${thing} was ignored: the provider does not support it`;
}

/** One warning for each option that the request sets and the vendor does not have. */
export function warnUnsupported(request: ChatRequest, options: readonly Option[]): string[] {
  return options.filter((option) => request[option] !== undefined).map(ignored);
}
