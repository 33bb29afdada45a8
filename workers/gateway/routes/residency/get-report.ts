import { createRoute, type RouteHandler, z } from '@hono/zod-openapi';
import {
  REPORT_MOST_DAYS,
  residencyReport,
  residencyReportQuery,
} from '../../../../shared/contracts/http/residency-report.ts';
import { queryResidency } from '../../../../shared/services/query-residency.ts';
import type { AppTypes } from '../../app-context.ts';
import { errorResponse } from '../../error-response.ts';
import { readCursor, writeCursor } from '../../list-cursor.ts';
import { readMetrics } from '../metrics/read-metrics.ts';
import { jsonAnswer, TENANT_SECURITY, tenantErrors, tenantHeaders, tenantRoute } from '../route-config.ts';

const DAY_MS = 86_400_000;

const place = z.tuple([z.iso.datetime(), z.uuid()]);

export const getResidencyReportRoute = createRoute({
  method: 'get',
  path: '/v1/residency/report',
  operationId: 'getResidencyReport',
  tags: ['Residency'],
  summary: 'Prove where content went',
  description:
    'Every call of a period by provider, region of its endpoint, guarantee, jurisdiction of the objects and data centre; what was refused; and each request that went where no policy of the time let it.',
  security: TENANT_SECURITY,
  middleware: tenantRoute('audit:read'),
  request: { headers: tenantHeaders, query: residencyReportQuery },
  responses: {
    200: jsonAnswer('The report; its requests are a page.', residencyReport),
    ...tenantErrors(),
  },
});

export const handleGetResidencyReport: RouteHandler<typeof getResidencyReportRoute, AppTypes> = async (context) => {
  const query = context.req.valid('query');
  const { db, now } = context.get('ports');
  const { tenantId } = context.get('tenant');
  const to = query.to === undefined ? now() : Date.parse(query.to);
  const from = query.from === undefined ? to - REPORT_MOST_DAYS * DAY_MS : Date.parse(query.from);
  if (from > to) return errorResponse(context, invalid('/from', '`from` lies after `to`.'));
  if (to - from > REPORT_MOST_DAYS * DAY_MS) {
    return errorResponse(context, invalid('/from', `The period is longer than ${REPORT_MOST_DAYS} days.`));
  }
  const after = query.cursor === undefined ? null : readCursor(query.cursor, place);
  if (query.cursor !== undefined && after === null) {
    return errorResponse(context, invalid('/cursor', 'It is not a cursor of this report.'));
  }
  const { limit } = query;
  const read = await readMetrics(context, () => queryResidency({ db, tenantId, from, to, after, limit }));
  if (!read.ok) return errorResponse(context, read.error);
  const { found, next } = read.value.value;
  const period = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), asOf: read.value.asOf };
  return context.json({ ...period, ...found, nextCursor: next && writeCursor(next) }, 200);
};

function invalid(pointer: string, detail: string) {
  return { code: 'bad_request', detail, errors: [{ pointer, detail }] } as const;
}
