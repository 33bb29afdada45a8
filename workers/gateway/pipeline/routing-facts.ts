import { isModelAllowed } from '../../../shared/auth/key-rights.ts';
import type { TenantContext } from '../../../shared/auth/tenant-context.ts';
import type { ConditionFacts } from '../../../shared/conditions/condition.ts';
import type { OrchestrateRequest } from '../../../shared/contracts/http/orchestrate.ts';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { zoneOffset } from '../../../shared/domain/admission/calendar-period.ts';
import type { ModelName } from '../../../shared/domain/routing/candidate.ts';
import type { Capabilities, RequestFacts } from '../../../shared/domain/routing/candidate-filters.ts';
import type { RankingFacts } from '../../../shared/domain/routing/rank-candidates.ts';
import { hashOf } from '../../../shared/domain/routing/rendezvous.ts';
import type { CircuitFacts } from '../../../shared/domain/routing/route-request.ts';
import { capabilitiesOf } from '../../../shared/providers/model-capabilities.ts';
import { adapterFor } from '../../../shared/providers/registry.ts';
import type { CandidateHealth } from './provider-health.ts';
import { canServe, canStream, type Task } from './task.ts';
import { needsOf, promptOf, type TaskNeeds, tokensOf } from './task-facts.ts';

/** What a route is decided by beside the request and the tenant. */
export interface RoutingWorld {
  /** Epoch milliseconds. */
  now(): number;
  /** At least 0 and less than 1. */
  random(): number;
  healthOf(tenantId: string): CandidateHealth;
}

/** What candidates are filtered and ranked by. Tokens are counted when they are asked for. */
export function routingFactsOf(
  task: Task,
  { stream, metadata }: Pick<OrchestrateRequest, 'stream' | 'metadata'>,
  { snapshot: { tenantId, residencyPolicies }, keyUse }: Pick<TenantContext, 'snapshot' | 'keyUse'>,
  world: RoutingWorld,
): RequestFacts & RankingFacts & CircuitFacts {
  const health = world.healthOf(tenantId);
  let tokens: RankingFacts['tokens'] | undefined;
  return {
    ...needsOf(task),
    residencyPolicies,
    isStream: stream,
    get tokens() {
      tokens ??= tokensOf(task);
      return tokens;
    },
    random: world.random(),
    performanceOf: health.performanceOf,
    mayCall: health.mayCall,
    sessionOf: (stickyBy) => sessionOf(stickyBy, marksOf(task, keyUse, metadata)),
    cachedSharesFor: (session) => health.cachedSharesFor(session === null ? null : sessionName(session)),
    isAllowed: (model) => !keyUse || isModelAllowed(keyUse.apiKey, model),
    capabilitiesOf: (offer) => capabilitiesFor(task, offer),
  };
}

const capable: Record<Task['kind'], WeakMap<ModelName, Capabilities>> = {
  chat: new WeakMap(),
  completion: new WeakMap(),
  embedding: new WeakMap(),
};

/** What a model can do for a kind of task: found out once for an offer, which lives as long as its configuration. */
function capabilitiesFor(task: Task, offer: ModelName): Capabilities {
  const known = capable[task.kind].get(offer);
  if (known) return known;
  const { task: kind, ...able } = capabilitiesOf(offer.provider, offer.model);
  const adapter = adapterFor(offer.provider);
  const servesTask = kind === task.kind && canServe(task, adapter);
  const found = { ...able, servesTask, streamsTask: canStream(task, adapter) };
  capable[task.kind].set(offer, found);
  return found;
}

/** What requests can belong together by. */
interface SessionMarks {
  /** Null: it is not known, or there is none. */
  prompt(): string | null;
  readonly apiKeyId: string | null;
  readonly metadata: { readonly [key: string]: unknown };
}

export function marksOf(task: Task, keyUse: TenantContext['keyUse'], metadata: SessionMarks['metadata']): SessionMarks {
  return { prompt: () => promptOf(task), apiKeyId: keyUse?.apiKey.id ?? null, metadata };
}

/** A short name of a session, whose text may be long, and content. Others may have the same: for estimates alone. */
export function sessionName(session: string): string {
  return `${session.length} ${hashOf(session)}`;
}

/** Requests of one session are told by the same text; null: the request belongs to none. */
export function sessionOf(stickyBy: string, { prompt, apiKeyId, metadata }: SessionMarks): string | null {
  if (stickyBy === 'prompt') return prompt();
  if (stickyBy === 'apiKey') return apiKeyId;
  const value = metadata[stickyBy.slice('metadata.'.length)];
  return value === undefined || value === null ? null : JSON.stringify(value);
}

interface ConditionSubject {
  readonly taskType: string;
  readonly stream: boolean;
  readonly metadata: { readonly [key: string]: unknown };
  readonly environmentId: string;
  readonly needs: TaskNeeds;
  readonly tokens: RankingFacts['tokens'];
}

/** What a policy's conditions are asked of. What none of them names is never made. */
export function conditionFactsOf(subject: ConditionSubject, snapshot: TenantSnapshot, now: number): ConditionFacts {
  const { taskType, stream, needs, environmentId } = subject;
  return {
    request: { taskType, stream, ...needs },
    get metadata() {
      return withIntegers(subject.metadata) as ConditionFacts['metadata']; // an object stays one
    },
    get tenant() {
      const environment = snapshot.environments.find(({ id }) => id === environmentId);
      return {
        id: snapshot.tenantId,
        plan: snapshot.plan,
        region: snapshot.region,
        environment: environment?.name ?? '',
        environmentType: environment?.type ?? '',
      };
    },
    get time() {
      const local = new Date(now + zoneOffset(snapshot.timeZone, now));
      return {
        date: local.toISOString().slice(0, 10),
        weekday: BigInt(local.getUTCDay() || 7),
        hour: BigInt(local.getUTCHours()),
        minute: BigInt(local.getUTCMinutes()),
      };
    },
    get tokens() {
      return { input: BigInt(subject.tokens.input), output: BigInt(subject.tokens.output) };
    },
  };
}

/** JSON has one kind of number, conditions have two: those without a fraction are integers. */
function withIntegers(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(withIntegers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withIntegers(part)]));
}
