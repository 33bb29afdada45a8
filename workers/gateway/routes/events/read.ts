import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { eventsHeaders, eventsQuery, streamedEvent } from '../../../../shared/contracts/http/events.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { eventStreamResponse } from '../../event-stream-response.ts';
import { readerOf } from '../../realtime/reader-of.ts';
import { streamEvents } from '../../realtime/stream-events.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

const { headers } = jsonAnswer('', streamedEvent);

export const readEventsRoute = createRoute({
  method: 'get',
  path: '/v1/events',
  operationId: 'readEvents',
  tags: ['Events'],
  summary: 'Read events as they happen',
  description:
    'Server-Sent Events of what happens in the tenant, in one order. A client that was cut off goes on after the last event that it read, with `Last-Event-ID` or `cursor`, and misses none of the last hour.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('events:read'),
  request: { headers: tenantHeaders.extend(eventsHeaders.shape), query: eventsQuery },
  responses: {
    200: {
      description: 'Events, until the stream ends with one of the name `end`.',
      headers,
      content: { 'text/event-stream': { schema: streamedEvent } },
    },
    ...tenantErrors(['concurrency_limited']),
  },
});

export const handleReadEvents: RouteHandler<typeof readEventsRoute, AppTypes> = async (context) => {
  const { follow: follows, ...choice } = context.req.valid('query');
  const lastEventId = context.req.header('last-event-id'); // as the schema of the headers says
  const reader = readerOf({
    ...{ tenant: context.get('tenant'), via: 'relayed', follows, now: context.get('ports').now() },
    choice: { ...choice, ...(lastEventId !== undefined && { cursor: Number(lastEventId) }) },
    namedEnvironmentId: context.req.header('x-env-id')?.toLowerCase(),
  });
  if (!reader.ok) return errorResponse(context, reader.error);
  const streamed = await readRecord(context, () => streamEvents(context, reader.value));
  if (!streamed.ok) return errorResponse(context, streamed.error);
  if (!streamed.value.ok) return errorResponse(context, streamed.value.error);
  return eventStreamResponse(context, streamed.value.value);
};
