import type { RoutingReason } from '../../contracts/http/routing-decision.ts';
import type { SnapshotResidencyPolicy } from '../../contracts/residency.ts';
import type { Candidate, ModelName } from './candidate.ts';
import { isAllowedBy } from './residency.ts';

/** What a model can do, as far as it is known. */
export interface Capabilities {
  /** The task itself, at once and as a stream. */
  readonly servesTask: boolean;
  readonly streamsTask: boolean;
  readonly tools: boolean;
  readonly vision: boolean;
  readonly files: boolean;
  readonly structuredOutput: boolean;
}

/** What a request is, as far as candidates differ in what they can do with it. */
export interface RequestFacts {
  readonly isStream: boolean;
  readonly hasTools: boolean;
  readonly hasImages: boolean;
  readonly hasFiles: boolean;
  readonly wantsJson: boolean;
  /** The input as estimated, and the most that the output may have. May be a getter: it is read where it matters. */
  readonly tokens: { readonly input: number; readonly output: number };
  /** The tenant's. Null: not known, so that nothing may be called. */
  readonly residencyPolicies: readonly SnapshotResidencyPolicy[] | null;
  capabilitiesOf(model: ModelName): Capabilities;
  /** What the API key may call. */
  isAllowed(model: ModelName): boolean;
}

/** Says why a candidate may not be called; null when nothing speaks against it. Pure. */
export type CandidateFilter = (candidate: Candidate, facts: RequestFacts) => RoutingReason | null;

/** Content goes nowhere that an enforced policy does not let it. */
export const withinResidency: CandidateFilter = ({ endpoint }, { residencyPolicies }) =>
  isAllowedBy(residencyPolicies, endpoint) ? null : 'outside_residency';

/** Every filter, in the order in which the first one that speaks is told. Where a request may go is decided among the rest. */
export const CANDIDATE_FILTERS: readonly CandidateFilter[] = [
  withinResidency,
  ({ offer }, facts) => (facts.isAllowed(offer) ? null : 'model_not_allowed'),
  ({ offer }, facts) => (facts.capabilitiesOf(offer).servesTask ? null : 'task_not_served'),
  ({ offer }, facts) => (facts.isStream && !facts.capabilitiesOf(offer).streamsTask ? 'stream_not_served' : null),
  ({ offer }, facts) => (facts.hasTools && !facts.capabilitiesOf(offer).tools ? 'no_tools' : null),
  ({ offer }, facts) => (facts.hasImages && !facts.capabilitiesOf(offer).vision ? 'no_vision' : null),
  ({ offer }, facts) => (facts.hasFiles && !facts.capabilitiesOf(offer).files ? 'no_files' : null),
  ({ offer }, facts) =>
    facts.wantsJson && !facts.capabilitiesOf(offer).structuredOutput ? 'no_structured_output' : null,
  ({ offer }, facts) => (fitsContext(offer.contextTokens, facts) ? null : 'context_too_long'),
];

/** The reason of the first filter that speaks against a candidate. */
export function refusalOf(
  candidate: Candidate,
  facts: RequestFacts,
  filters: readonly CandidateFilter[],
): RoutingReason | null {
  for (const filter of filters) {
    const reason = filter(candidate, facts);
    if (reason) return reason;
  }
  return null;
}

function fitsContext(contextTokens: number | null, facts: RequestFacts): boolean {
  return contextTokens === null || facts.tokens.input + facts.tokens.output <= contextTokens;
}
