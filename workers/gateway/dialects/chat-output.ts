import type { OrchestrateOutput, OrchestrateResponse } from '../../../shared/contracts/http/orchestrate.ts';

/** What a chat answers. */
export type ChatOutput = Extract<OrchestrateOutput, { message: unknown }>;

/** The chat's answer in a response; undefined where it has none. */
export function chatOutputOf({ output }: Pick<OrchestrateResponse, 'output'>): ChatOutput | undefined {
  return output && 'message' in output ? output : undefined;
}

/** The answer of a chat that completed. Throws where there is none: no other request ends in a chat's answer. */
export function completedChatOutput(response: Pick<OrchestrateResponse, 'output'>): ChatOutput {
  const output = chatOutputOf(response);
  if (!output) throw new TypeError('the answer is not that of a chat');
  return output;
}
