import * as z from 'zod';
import { regionName } from './names.ts';

/**
 * How strongly it is guaranteed that content stays where it was sent, weakest first. `none`: nobody says so; `declared`: the
 * tenant says so of a server of its own; `documented`: the provider does, in its documentation; `contractual`: in the terms
 * that bind it.
 */
export const GUARANTEES = ['none', 'declared', 'documented', 'contractual'] as const;
export const guarantee = z.enum(GUARANTEES);
export type Guarantee = z.infer<typeof guarantee>;

/** Guarantees that a policy can ask for. */
export const REQUIRED_GUARANTEES = ['declared', 'documented', 'contractual'] as const;

/** Where content may go: to endpoints of the region, guaranteed at least so strongly; enforced, or only reported. */
export const snapshotResidencyPolicy = z.object({
  id: z.uuid(),
  region: regionName,
  enforced: z.boolean(),
  minimumGuarantee: z.enum(REQUIRED_GUARANTEES),
});
export type SnapshotResidencyPolicy = z.infer<typeof snapshotResidencyPolicy>;

/** What a call's endpoint is to the tenant's policies; `unrestricted`: there was none. */
export const RESIDENCY_VERDICTS = ['inside', 'outside', 'unrestricted'] as const;
export const residencyVerdict = z.enum(RESIDENCY_VERDICTS);
export type ResidencyVerdict = z.infer<typeof residencyVerdict>;

/** Where a call went. A null region: anywhere. */
export const calledEndpoint = z.object({
  endpointRegion: regionName.nullable(),
  guarantee,
  residency: residencyVerdict,
});
export type CalledEndpoint = z.infer<typeof calledEndpoint>;

/**
 * Where a request was served: the data centre that took it in, null where the platform does not tell; the jurisdiction of the
 * objects that it went through, null where they have none; and the endpoint that was called last.
 */
export const requestLocation = calledEndpoint.extend({
  colo: z.string().nullable(),
  jurisdiction: regionName.nullable(),
});
export type RequestLocation = z.infer<typeof requestLocation>;

/** What of it is known before anything is called. */
export type ServedAt = Pick<RequestLocation, 'colo' | 'jurisdiction'>;
