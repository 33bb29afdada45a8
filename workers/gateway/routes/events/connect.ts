import { createRoute, type RouteHandler } from '@hono/zod-openapi';
import { eventSocketQuery } from '../../../../shared/contracts/http/events.ts';
import { answerHeaders } from '../../answer-headers.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { connectSocket, refuseOrigin } from '../../realtime/connect-socket.ts';
import { readerOf } from '../../realtime/reader-of.ts';
import { asUntyped } from '../../untyped-response.ts';
import { TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

export const connectEventsRoute = createRoute({
  method: 'get',
  path: '/v1/events/ws',
  operationId: 'connectEvents',
  tags: ['Events'],
  summary: 'Read events over a WebSocket',
  description:
    'The events of `GET /v1/events`, in messages that `/asyncapi.json` describes. A browser’s page must be of this origin or one that is configured; without an `Origin` a key or an access token is needed.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('events:read'),
  request: { headers: tenantHeaders, query: eventSocketQuery },
  responses: {
    101: { description: 'The socket is open.' },
    ...tenantErrors(['concurrency_limited']),
  },
});

export const handleConnectEvents: RouteHandler<typeof connectEventsRoute, AppTypes> = async (context) => {
  if (context.req.header('upgrade')?.toLowerCase() !== 'websocket') {
    return errorResponse(context, { code: 'bad_request', detail: 'Open a WebSocket here: send Upgrade: websocket.' });
  }
  const refusal = refuseOrigin(context);
  if (refusal) return errorResponse(context, refusal);
  const reader = readerOf({
    ...{ tenant: context.get('tenant'), via: 'direct', follows: true, now: context.get('ports').now() },
    choice: context.req.valid('query'),
    namedEnvironmentId: context.req.header('x-env-id')?.toLowerCase(),
  });
  if (!reader.ok) return errorResponse(context, reader.error);
  const opened = await readRecord(context, () => connectSocket(context, reader.value));
  if (!opened.ok) return errorResponse(context, opened.error);
  if (!opened.value.ok) return errorResponse(context, opened.value.error);
  context.set('hasHeaders', true);
  const headers = answerHeaders(context);
  return asUntyped(new Response(null, { status: 101, webSocket: opened.value.value, headers }));
};
