import { z } from '@hono/zod-openapi';
import { DEAD_LETTER_KINDS, DEAD_LETTER_STATUSES } from '../dead-letters.ts';
import { pageFields } from './metrics.ts';
import { pageOf } from './page.ts';

const time = z.iso.datetime({ offset: true });
const kind = z.enum(DEAD_LETTER_KINDS).openapi({
  description:
    '`message`: usage, or another event, that could not be recorded. `task`: a task whose attempts are used up. `callback`: the telling of a task’s end.',
});
const status = z.enum(DEAD_LETTER_STATUSES).openapi({
  description: '`replaying`: it will be done again within a minute. `dropped`: it will not, and stays readable.',
});

export const deadLetter = z
  .object({
    id: z.uuid(),
    kind,
    status,
    subjectId: z.uuid().openapi({
      description: 'The task, or the delivery, as its task has it; of a message its number in the platform’s record.',
    }),
    taskId: z.uuid().nullable().openapi({ description: 'The task that it is about: `GET /v1/tasks/{id}`.' }),
    reason: z.string().openapi({ description: 'Why it was given up; of a task its error code.' }),
    attempts: z.int(),
    sizeBytes: z.int().nullable(),
    occurredAt: z.iso.datetime().openapi({ description: 'When it was given up.' }),
    changedAt: z.iso.datetime().nullable().openapi({ description: 'When it was last replayed or dropped.' }),
    replayCount: z.int(),
    lastError: z.string().nullable().openapi({ description: 'Why the last replay came to nothing.' }),
    createdAt: z.iso.datetime(),
  })
  .openapi('DeadLetter', { description: 'What was given up. It carries nothing of what that was.' });
export type DeadLetter = z.infer<typeof deadLetter>;

export const deadLettersQuery = z.strictObject({
  kind: z.enum(DEAD_LETTER_KINDS).optional(),
  status: z.enum(DEAD_LETTER_STATUSES).optional(),
  from: time.optional().openapi({ description: 'Written at this time or later.' }),
  to: time.optional().openapi({ description: 'Written before this time.' }),
  ...pageFields,
});
export type DeadLettersQuery = z.infer<typeof deadLettersQuery>;

export const deadLetterList = pageOf(deadLetter).openapi('DeadLetterList');
