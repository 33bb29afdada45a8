import { z } from '@hono/zod-openapi';
import { taskStatus } from '../tasks.ts';
import { orchestrateOutput } from './orchestrate.ts';
import { STREAM_EVENTS } from './stream-events.ts';

/** Where a stream of a task was left: the attempt and the position of its last event. */
export const taskCursor = z
  .string()
  .regex(/^\d{1,3}-\d{1,9}$/, { error: 'must be the id of an event of this stream' })
  .openapi({ example: '1-12' });

/** Where a task is. `task.ended` has the same: it is the last that there is to tell. */
const progress = z.object({
  status: taskStatus,
  attempt: z.int().openapi({ description: 'The number of its last attempt; 0: none has begun.' }),
  costUsd: z.string().nullable().openapi({ description: 'Of all attempts; null while that of any is not known.' }),
  errorCode: z.string().nullable().openapi({ description: 'Why its last attempt, or the task, failed.' }),
  errorDetail: z.string().nullable(),
  nextAttemptAt: z.iso.datetime().nullable().openapi({ description: 'When a task that is queued may begin.' }),
});
export type TaskProgressEvent = z.infer<typeof progress>;

const { started, source } = STREAM_EVENTS;

/** The events of a task's stream, by name, with the JSON of their data. */
export const TASK_STREAM_EVENTS = {
  'task.status': progress,
  attempt: z.object({ attempt: z.int(), startedAt: z.iso.datetime() }),
  started,
  'text.delta': STREAM_EVENTS['text.delta'],
  'reasoning.delta': STREAM_EVENTS['reasoning.delta'],
  'tool_call.started': STREAM_EVENTS['tool_call.started'],
  'tool_call.delta': STREAM_EVENTS['tool_call.delta'],
  'tool_call.completed': STREAM_EVENTS['tool_call.completed'],
  source,
  output: z.object({ output: z.union([orchestrateOutput, z.null()]) }),
  'task.ended': progress,
  'stream.closed': z.object({
    reason: z.enum(['lifetime', 'access', 'unavailable', 'task_gone']),
    code: z.string().nullable().openapi({ description: 'The error’s public code, where access ended.' }),
    detail: z.string(),
  }),
} as const;

export type TaskStreamEventName = keyof typeof TASK_STREAM_EVENTS;

/** One event of a task's stream, for the API description. */
export const taskStreamEvent = z
  .union(
    Object.entries(TASK_STREAM_EVENTS).map(([event, data]) =>
      z.object({ id: taskCursor.optional(), event: z.literal(event), data }),
    ),
  )
  .openapi('TaskStreamEvent', {
    description:
      'One event of `text/event-stream`: its id, its name and its data. `attempt` begins another attempt: what came of the one before is void. With `stream` the pieces of the output follow as the model writes them, else the whole of it as `output`. `task.ended` comes last. A stream that ends without it tells why in `stream.closed`, which has no id, or was cut on its way to you: go on behind the last id. Lines that begin with `:` keep the connection alive.',
  });
