import type { AppContext } from './app-context.ts';

/** Gives a request its name: in its answer's headers, where each API's clients look for it, and in its log lines. */
export function nameRequest(context: AppContext, requestId: string): void {
  context.set('requestId', requestId);
  context.get('claim')?.rename(requestId);
  context.set('logger', context.get('logger').with({ requestId }));
}
