import type { OrchestrateOutput, OrchestrateResponse } from '../../../../shared/contracts/http/orchestrate.ts';

/** What a chat answers. */
export type ChatOutput = Extract<OrchestrateOutput, { message: unknown }>;

/** The output of a chat that completed. Throws where there is none: no other request ends in a chat's answer. */
export function chatOutput({ output }: Pick<OrchestrateResponse, 'output'>): ChatOutput {
  if (!output || !('message' in output)) throw new TypeError('the answer is not that of a chat');
  return output;
}
