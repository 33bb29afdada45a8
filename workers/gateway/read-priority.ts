import * as z from 'zod';
import type { Priority } from './admission/waiting-line.ts';
import type { AppContext } from './app-context.ts';

/** How urgent a request is among those of its tenant that wait for room. */
export const priorityHeader = z.enum(['high', 'normal', 'low'] satisfies Priority[]);

/** What the header says; its validator has refused what it may not say. */
export function readPriority(context: AppContext): Priority {
  const said = context.req.header('x-eufm-priority');
  return said === undefined ? 'normal' : priorityHeader.parse(said);
}
