import { z } from '@hono/zod-openapi';
import { regionName } from '../names.ts';
import { GUARANTEES, RESIDENCY_VERDICTS } from '../residency.ts';

/** Where a request was served, as clients see it. */
export const locationView = z
  .object({
    colo: z.string().nullable().openapi({
      description: 'The data centre that took the request in, as Cloudflare names it; null where that is not told.',
      example: 'FRA',
    }),
    jurisdiction: regionName.nullable().openapi({
      description: 'Of the objects that it went through; null on a developer’s machine, where they have none.',
    }),
    endpointRegion: regionName.nullable().openapi({ description: 'Of the endpoint called last. null: anywhere.' }),
    guarantee: z
      .enum(GUARANTEES)
      .openapi({ description: 'How strongly it is guaranteed that content stays in that region.' }),
    residency: z.enum(RESIDENCY_VERDICTS).openapi({
      description:
        'What the endpoints of all of its calls are to the tenant’s residency policies of the time, those that are only reported included: `outside` where one of them is; `unrestricted`: there was no policy.',
    }),
  })
  .openapi('RequestLocation', { description: 'Where a request was served.' });
