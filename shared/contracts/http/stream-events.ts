import { z } from '@hono/zod-openapi';
import { providerName } from '../names.ts';
import { toolCall } from './chat-input.ts';
import { orchestrateResponse, source } from './orchestrate.ts';
import { problem } from './problem.ts';

/** How a stream that did not complete ended: the error, and what had been answered and used by then. */
const ending = problem.extend({ response: orchestrateResponse });

/**
 * The events of a streamed answer, by name, with the JSON of their data. `started` comes first; exactly one of
 * `completed`, `failed`, `canceled` and `budget_exceeded` comes last, unless the connection itself is lost. `continued`
 * comes only where the request has `continueOnFailure`: what follows it goes on with the text before it.
 */
export const STREAM_EVENTS = {
  started: z.object({
    requestId: z.uuid(),
    provider: providerName,
    model: z.string(),
    trace: z.object({ traceId: z.string() }),
  }),
  'text.delta': z.object({ text: z.string() }),
  'reasoning.delta': z.object({ text: z.string() }),
  'tool_call.started': z.object({ id: z.string(), name: z.string() }),
  'tool_call.delta': z.object({ id: z.string(), argumentsDelta: z.string() }),
  'tool_call.completed': toolCall,
  source,
  continued: z.object({
    requestId: z.uuid().openapi({ description: 'Names the request from here on; each of its calls has a record.' }),
    provider: providerName,
    model: z.string(),
    afterCharacters: z.int().openapi({ description: 'Characters of text that came before.' }),
  }),
  completed: orchestrateResponse,
  failed: ending,
  canceled: ending,
  budget_exceeded: ending,
} as const;

export type StreamEventName = keyof typeof STREAM_EVENTS;

/** Names of the events that end a stream. */
export const TERMINAL_EVENTS = [
  'completed',
  'failed',
  'canceled',
  'budget_exceeded',
] as const satisfies StreamEventName[];
export type TerminalEventName = (typeof TERMINAL_EVENTS)[number];

/** One event of a streamed answer, for the API description. */
export const streamEvent = z
  .union(Object.entries(STREAM_EVENTS).map(([event, data]) => z.object({ event: z.literal(event), data })))
  .openapi('StreamEvent', {
    description:
      'One event of `text/event-stream`: its name and its data. The last is `completed`, `failed`, `canceled` or `budget_exceeded`, exactly one of them; a stream that ends without was cut on its way to you. Lines that begin with `:` keep the connection alive.',
  });
