import type { Reader } from '../../../shared/contracts/events.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { ok, type Result } from '../../../shared/errors/result.ts';
import type { AppContext } from '../app-context.ts';
import { EventWriter } from '../pipeline/event-writer.ts';
import { EventRelay } from './event-relay.ts';
import { openHub } from './open-hub.ts';
import { watchAccess } from './watch-access.ts';

/** A tenant's events as Server-Sent Events, for a client that is authenticated. Throws where the hub cannot be reached. */
export async function streamEvents(
  context: AppContext,
  reader: Reader,
): Promise<Result<ReadableStream<Uint8Array>, DomainError>> {
  const ports = context.get('ports');
  const tenant = context.get('tenant');
  const logger = context.get('logger');
  const startedAt = context.get('startedAt');
  const opened = await openHub(ports, tenant, reader);
  if (!opened.ok) return opened;
  const { readable, writable } = new IdentityTransformStream();
  const writer = new EventWriter(writable, ports.now, () => relay.leave());
  const relay = new EventRelay(opened.value, {
    ...{ reader, writer, logger, now: ports.now },
    reopen: (after) => openHub(ports, tenant, after),
  });
  const endWatch = watchAccess(context, (reason) => relay.stop(reason));
  const running = relay.run().then((end) => {
    endWatch();
    logger.info('request', { end, durationMs: ports.now() - startedAt, ...context.get('logFields') });
  });
  context.executionCtx.waitUntil(running);
  return ok(readable);
}
