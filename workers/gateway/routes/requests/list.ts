import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import { requestList, requestsQuery } from '../../../../shared/contracts/http/requests.ts';
import { listRequests } from '../../../../shared/services/list-requests.ts';
import type { AppTypes } from '../../app-context.ts';
import { readRecord } from '../../configuration/read-record.ts';
import { errorResponse } from '../../error-response.ts';
import { readCursor, writeCursor } from '../../list-cursor.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

const place = z.tuple([z.iso.datetime(), z.uuid()]);

export const listRequestsRoute = createRoute({
  method: 'get',
  path: '/v1/requests',
  operationId: 'listRequests',
  tags: ['Requests'],
  summary: 'List requests',
  description: 'Every request that was recorded, seconds after it ended, for as long as the tenant’s plan keeps them.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('usage:read'),
  request: { headers: tenantHeaders, query: requestsQuery },
  responses: {
    200: jsonAnswer('A page of requests, newest first.', requestList),
    ...tenantErrors(),
  },
});

export const handleListRequests: RouteHandler<typeof listRequestsRoute, AppTypes> = async (context) => {
  const { from, to, limit, cursor, ...filters } = context.req.valid('query');
  const { db, now } = context.get('ports');
  const { tenantId } = context.get('tenant');
  const range = { from: from === undefined ? 0 : Date.parse(from), to: to === undefined ? now() + 1 : Date.parse(to) };
  if (range.from > range.to) return errorResponse(context, invalid('/from', '`from` lies after `to`.'));
  const after = cursor === undefined ? null : readCursor(cursor, place);
  if (cursor !== undefined && after === null) {
    return errorResponse(context, invalid('/cursor', 'It is not a cursor of this list.'));
  }
  const listed = await readRecord(context, () => listRequests({ db, tenantId, filters, ...range, after, limit }));
  if (!listed.ok) return errorResponse(context, listed.error);
  const { data, next } = listed.value;
  return context.json({ data, nextCursor: next && writeCursor(next) }, 200);
};

function invalid(pointer: string, detail: string) {
  return { code: 'bad_request', detail, errors: [{ pointer, detail }] } as const;
}
