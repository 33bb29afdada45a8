import { z } from '@hono/zod-openapi';
import { endingName } from '../event-socket.ts';
import { EVENT_FAMILIES, publicEvent } from '../events.ts';

/** A `sequence`, as texts tell it. */
export const place = z
  .string()
  .regex(/^\d{1,15}$/, { error: 'must be a sequence number' })
  .transform(Number);

/** Names of families, parted by commas or said one by one. */
const families = z
  .union([z.string(), z.array(z.string())])
  .transform((said) => [said].flat().flatMap((part) => part.split(',')))
  .pipe(z.array(z.enum(EVENT_FAMILIES)).min(1))
  .transform((names) => EVENT_FAMILIES.filter((name) => names.includes(name)));

const choice = {
  types: families.optional().openapi({
    type: 'string',
    description: 'What the events are about: any of `task`, `request`, `alert`, parted by commas. Default: all.',
    example: 'task,alert',
  }),
  environmentId: z.uuid().optional(),
  taskId: z.uuid().optional().openapi({ description: 'Of this task, and of the requests made for it.' }),
  apiKeyId: z.uuid().optional().openapi({ description: 'Of what was made with this key.' }),
  tenantId: z.uuid().optional().openapi({
    description:
      'Stands for `X-Tenant-Id` where no header can be sent, as by an EventSource or WebSocket of a browser.',
  }),
  cursor: place.optional().openapi({
    type: 'integer',
    description: 'Begin after the event with this `sequence`. Default: with what happens from now on.',
  }),
};

export const eventsQuery = z.strictObject({
  ...choice,
  follow: z
    .enum(['true', 'false'])
    .default('true')
    .transform((text) => text === 'true')
    .openapi({ type: 'string', description: '`false`: end where there is no more to read.' }),
});

export const eventSocketQuery = z.strictObject(choice);
export type EventChoice = z.infer<typeof eventSocketQuery>;

export const eventsHeaders = z.object({
  'Last-Event-ID': place.optional().openapi({
    type: 'integer',
    description: 'The `id` of the last event that was read; goes before `cursor`. Clients of EventSource send it.',
  }),
});

const id = z.string().openapi({ description: 'What `Last-Event-ID` is to be after it: its `sequence`.' });

/** One event of the stream, for the API description. */
export const streamedEvent = z
  .union([
    z.object({ id, event: z.string(), data: publicEvent }),
    z.object({ id, event: z.literal('reset'), data: z.object({ sequence: z.int() }) }),
    z.object({
      id,
      event: z.literal('end'),
      data: z.object({ reason: endingName, sequence: z.int().nullable() }),
    }),
  ])
  .openapi('StreamedEvent', {
    description:
      'One event of `text/event-stream`: its id, its name and its data. The name is the event’s `type`; `reset` says that what came before is not kept any more, and from where it goes on; `end` is the last, and says why. Lines that begin with `:` keep the connection alive.',
  });
