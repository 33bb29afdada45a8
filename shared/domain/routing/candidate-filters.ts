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
  ({ offer }, facts) => lackOf(facts.capabilitiesOf(offer), facts),
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

/** The first that a request asks of a model and it does not have. */
function lackOf(capabilities: Capabilities, facts: RequestFacts): RoutingReason | null {
  if (!capabilities.servesTask) return 'task_not_served';
  if (facts.isStream && !capabilities.streamsTask) return 'stream_not_served';
  if (facts.hasTools && !capabilities.tools) return 'no_tools';
  if (facts.hasImages && !capabilities.vision) return 'no_vision';
  if (facts.hasFiles && !capabilities.files) return 'no_files';
  return facts.wantsJson && !capabilities.structuredOutput ? 'no_structured_output' : null;
}

function fitsContext(contextTokens: number | null, facts: RequestFacts): boolean {
  return contextTokens === null || facts.tokens.input + facts.tokens.output <= contextTokens;
}
