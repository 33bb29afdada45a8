import type { ChatRequest } from '../contract.ts';
import { convertRequest } from './convert-request.ts';

/** What `POST /messages/count_tokens` takes of a message's body: it refuses any other field. */
const COUNTED: ReadonlySet<string> = new Set([
  ...['messages', 'model', 'output_config', 'system', 'thinking', 'tool_choice', 'tools'],
]);

/** The body of `POST /messages/count_tokens`. https://platform.claude.com/docs/en/api/messages-count-tokens */
export function convertCount(request: ChatRequest, model: string): object {
  const { body } = convertRequest(request, model);
  return Object.fromEntries(Object.entries(body).filter(([field]) => COUNTED.has(field)));
}
