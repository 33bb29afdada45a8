import type * as z from 'zod';
import { runnerOf } from '../../../durable-objects/stubs.ts';
import type { Permission } from '../../../shared/auth/permissions.ts';
import type {
  TASK_STREAM_EVENTS,
  TaskProgressEvent,
  TaskStreamEventName,
} from '../../../shared/contracts/http/task-stream.ts';
import type { TaskStreamEvent, TaskStreamPlace, TaskStreamReply } from '../../../shared/contracts/tasks.ts';
import { hasEnded } from '../../../shared/domain/tasks/decide.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import { retry } from '../../../shared/platform/retry.ts';
import { getTaskRecord } from '../../../shared/services/get-task-record.ts';
import type { AppContext } from '../app-context.ts';
import { NOT_FOUND } from '../configuration/apply-change.ts';
import { readRecord } from '../configuration/read-record.ts';
import { authenticateAgain } from '../middleware/authenticate.ts';
import { EventWriter } from '../pipeline/event-writer.ts';
import {
  FOLLOW_ATTEMPTS,
  FOLLOW_LIFETIME_MS,
  FOLLOW_RETRY_BASE_MS,
  FOLLOW_RETRY_CAP_MS,
  FOLLOW_WAIT_MS,
  FOLLOWER_LOOK_MS,
  FOLLOWER_MAX_AGE_MS,
} from './constants.ts';

const PERMISSION: Permission = 'tasks:read';

type Told = Extract<TaskStreamReply, { outcome: 'told' }>;
type Closing = z.infer<(typeof TASK_STREAM_EVENTS)['stream.closed']>;

const LIFETIME: Closing = {
  ...{ reason: 'lifetime', code: null },
  detail: 'A connection is kept for ten minutes. Go on behind the last event’s id.',
};
const UNAVAILABLE: Closing = {
  ...{ reason: 'unavailable', code: 'unavailable' },
  detail: 'The task cannot be followed right now. Go on behind the last event’s id.',
};
const GONE: Closing = { reason: 'task_gone', code: 'not_found', detail: 'The task is not kept any more.' };
const MISPLACED: DomainError = {
  code: 'bad_request',
  detail: 'It is the id of no event of this task.',
  errors: [{ pointer: '/cursor', detail: 'It is the id of no event of this task.' }],
};

/**
 * The events of a tenant's task behind a place, as `text/event-stream`, until the task has ended. Null: there is nothing
 * behind it, and will be nothing. It asks its runner for more only when the client has taken what there was, so nothing
 * piles up in between, and a runner that moves or dies meanwhile is asked again. No event comes twice or is left out.
 */
export async function followTask(
  context: AppContext,
  id: string,
  after: TaskStreamPlace | null,
): Promise<Result<ReadableStream<Uint8Array> | null, DomainError>> {
  const first = await readRecord(context, () => read(context, id, after, 0));
  if (!first.ok) return first;
  const told = first.value;
  if (told.outcome === 'absent') return await followRecord(context, id);
  if (told.outcome === 'misplaced') return err(MISPLACED);
  if (told.isOver && told.events.length === 0) return ok(null);
  const { readable, writable } = new IdentityTransformStream();
  context.executionCtx.waitUntil(new Following(context, id, writable).run(told, after));
  return ok(readable);
}

/** Of a task that its runner has forgotten, the record tells where it is, and nothing of its output. */
async function followRecord(context: AppContext, id: string): Promise<Result<ReadableStream<Uint8Array>, DomainError>> {
  const { tenantId } = context.get('tenant');
  const { db } = context.get('ports');
  const record = await readRecord(context, () => getTaskRecord({ db, tenantId, id }));
  if (!record.ok) return record;
  if (!record.value) return err(NOT_FOUND);
  const { status, executions, costUsd, errorCode, errorDetail } = record.value;
  const attempt = executions.filter(({ isCounted }) => isCounted).length;
  const data: TaskProgressEvent = { status, attempt, costUsd, errorCode, errorDetail, nextAttemptAt: null };
  const end = hasEnded({ status }) ? eventText('task.ended', data) : eventText('task.status', data) + closingText(GONE);
  context.get('logger').info('request', { end: 'recorded', ...context.get('logFields') });
  return ok(new Blob([end]).stream());
}

function read(context: AppContext, id: string, after: TaskStreamPlace | null, waitMs: number) {
  const { taskRunner } = context.get('ports');
  return taskRunner(context.get('tenant').tenantId, runnerOf(id)).follow(id, after, waitMs);
}

/** One client that follows a task. */
class Following {
  readonly #context: AppContext;
  readonly #id: string;
  readonly #writer: EventWriter;
  /** Resolves when there is a reason to end the stream before its task has ended; null: nobody is there to tell. */
  readonly #closed: Promise<Closing | null>;
  #close: (closing: Closing | null) => void = () => {};

  constructor(context: AppContext, id: string, writable: WritableStream<Uint8Array>) {
    this.#context = context;
    this.#id = id;
    this.#closed = new Promise((resolve) => {
      this.#close = resolve;
    });
    this.#writer = new EventWriter(writable, context.get('ports').now, () => this.#close(null));
    context.req.raw.signal.addEventListener('abort', () => this.#close(null), { once: true });
  }

  /** Writes what is told and what comes, to the end. Does not reject. */
  async run(first: Told, after: TaskStreamPlace | null): Promise<void> {
    const lifetime = setTimeout(() => this.#close(LIFETIME), FOLLOW_LIFETIME_MS);
    const looking = setInterval(() => void this.#lookForAccess(), FOLLOWER_LOOK_MS);
    const end = await this.#writeAll(first, after).catch((error: unknown) => {
      this.#context.get('logger').warn('task.stream_broken', { error });
      return 'broken';
    });
    clearTimeout(lifetime);
    clearInterval(looking);
    if (end === 'broken' || end === 'left') this.#writer.abort();
    const { logger, logFields, startedAt, ports } = this.#context.var;
    logger.info('request', { end, durationMs: ports.now() - startedAt, ...logFields });
  }

  async #writeAll(first: Told, after: TaskStreamPlace | null): Promise<string> {
    let place = after;
    for (let told: Told | Closing | null = first; ; told = await this.#next(place)) {
      if (told === null) return 'left';
      if (!('outcome' in told)) {
        this.#writer.write(closingText(told));
        await this.#writer.end();
        return told.reason;
      }
      for (const event of told.events) this.#writer.write(toText(event));
      place = told.events.at(-1) ?? place;
      if (told.isOver) {
        await this.#writer.end();
        return 'ended';
      }
      await this.#writer.caughtUp();
    }
  }

  /** What comes next, or why nothing does. */
  async #next(place: TaskStreamPlace | null): Promise<Told | Closing | null> {
    const at = place && { attempt: place.attempt, position: place.position };
    const asked = retry(() => read(this.#context, this.#id, at, FOLLOW_WAIT_MS), {
      ...{ attempts: FOLLOW_ATTEMPTS, baseMs: FOLLOW_RETRY_BASE_MS, capMs: FOLLOW_RETRY_CAP_MS },
    }).catch((error: unknown) => {
      this.#context.get('logger').error('task.not_followed', { error });
      return UNAVAILABLE;
    });
    const reply = await Promise.race([asked, this.#closed]);
    if (reply === null || !('outcome' in reply)) return reply;
    return reply.outcome === 'told' ? reply : GONE;
  }

  /** Ends the stream of who may not read tasks any more. Where nobody can tell, it goes on. Does not reject. */
  async #lookForAccess(): Promise<void> {
    const tenant = await authenticateAgain(this.#context, FOLLOWER_MAX_AGE_MS);
    if (tenant.ok && tenant.value.permissions.has(PERMISSION)) return;
    const { code, detail } = tenant.ok ? DENIED : tenant.error;
    if (code !== 'unavailable') this.#close({ reason: 'access', code, detail });
  }
}

const DENIED: DomainError = {
  code: 'permission_denied',
  detail: `This needs the permission ${PERMISSION}, which the credential does not have any more.`,
};

function toText({ attempt, position, event, data }: TaskStreamEvent): string {
  return `id: ${attempt}-${position}\nevent: ${event}\ndata: ${data}\n\n`;
}

function closingText(closing: Closing): string {
  return eventText('stream.closed', closing);
}

function eventText(event: TaskStreamEventName, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
