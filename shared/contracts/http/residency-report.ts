import { z } from '@hono/zod-openapi';
import { providerName, regionName } from '../names.ts';
import { guarantee, residencyVerdict } from '../residency.ts';
import { asOf, pageFields } from './metrics.ts';
import { residencyPolicy } from './residency-policies.ts';

/** Longest period of a report, in days. */
export const REPORT_MOST_DAYS = 31;

export const residencyReportQuery = z.strictObject({
  from: z.iso
    .datetime({ offset: true })
    .optional()
    .openapi({
      description: `Requests made at this time or later, at most ${REPORT_MOST_DAYS} days before \`to\`, which is the default.`,
    }),
  to: z.iso.datetime({ offset: true }).optional().openapi({ description: 'Made before this time. Default: now.' }),
  ...pageFields,
});
export type ResidencyReportQuery = z.infer<typeof residencyReportQuery>;

const UNTOLD = 'null: recorded before locations were.';

const calledPlaces = z.object({
  provider: providerName,
  endpointRegion: regionName.nullable().openapi({ description: 'null: anywhere, or not told.' }),
  guarantee: guarantee.nullable().openapi({ description: UNTOLD }),
  residency: residencyVerdict.nullable().openapi({ description: UNTOLD }),
  jurisdiction: regionName.nullable(),
  colo: z.string().nullable(),
  calls: z.int().openapi({ description: 'Calls to the provider, failed ones included; a stored answer is none.' }),
});

const refusedRequests = z.object({
  route: z.string(),
  count: z.int(),
  firstAt: z.iso.datetime(),
  lastAt: z.iso.datetime(),
});

const outsideRequest = z.object({
  requestId: z.uuid(),
  createdAt: z.iso.datetime(),
  environmentId: z.uuid(),
  apiKeyId: z.uuid().nullable(),
  provider: z.string(),
  model: z.string(),
  endpointRegion: regionName.nullable(),
  guarantee: guarantee.nullable(),
  jurisdiction: regionName.nullable(),
  colo: z.string().nullable(),
});

export const residencyReport = z
  .object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    asOf,
    keptFrom: z.iso.datetime().nullable().openapi({
      description: 'Requests made before this time are kept no longer, and not in the report; null: all are.',
    }),
    policies: z.array(residencyPolicy).openapi({ description: 'As they are now; the audit log has their changes.' }),
    calls: z.array(calledPlaces).nullable().openapi({
      description: 'Every call, by where it went. null on pages behind the first.',
    }),
    refusals: z.array(refusedRequests).nullable().openapi({
      description: 'Requests that were refused since they could go nowhere allowed, as the audit log has them.',
    }),
    outside: z.array(outsideRequest).openapi({
      description: 'A page of the requests of which a call went where no policy of the time let it, newest first.',
    }),
    nextCursor: z.string().nullable(),
  })
  .openapi('ResidencyReport', { description: 'Where the content of requests went in a period.' });
export type ResidencyReport = z.infer<typeof residencyReport>;
