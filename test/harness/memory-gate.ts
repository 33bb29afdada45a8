import type {
  HoldCommand,
  HoldReply,
  HoldRequest,
  SyncCommand,
  SyncReply,
  TenantGateRpc,
} from '../../shared/contracts/rpc.ts';
import { type SnapshotRateLimit, type TenantSnapshot, tenantSnapshot } from '../../shared/contracts/tenant-snapshot.ts';
import { AdmissionBook } from '../../shared/domain/admission/admission-book.ts';
import type { BookStore } from '../../shared/domain/admission/book-store.ts';

/** TenantGate's rules without its storage, on a clock that is given: each call is answered a moment later. */
export class MemoryGate implements Pick<TenantGateRpc, 'hold' | 'sync'> {
  readonly #book: AdmissionBook;
  readonly #now: () => number;
  snapshot: TenantSnapshot;
  /** What was called, in its order. */
  readonly calls: ('hold' | 'sync')[] = [];
  /** Calls fail while this is so. */
  isAway = false;

  constructor(snapshot: TenantSnapshot, now: () => number) {
    this.snapshot = snapshot;
    this.#now = now;
    this.#book = new AdmissionBook(memoryStore(), { counters: [], leases: [] }, () => crypto.randomUUID());
  }

  async hold(request: HoldRequest): Promise<HoldReply> {
    return await this.#answer('hold', () => this.#book.hold(this.snapshot, request, this.#now()));
  }

  async sync(command: SyncCommand): Promise<SyncReply> {
    return await this.#answer('sync', () => this.#book.sync(this.snapshot, command, this.#now()));
  }

  async #answer<Reply extends object>(call: 'hold' | 'sync', work: () => Reply): Promise<Reply & { shards: number }> {
    this.calls.push(call);
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (this.isAway) throw new Error('the object cannot be reached');
    return { ...work(), shards: 1 };
  }
}

function memoryStore(): BookStore {
  const holds = new Map<string, { readonly leaseId: string; readonly text: string }>();
  const nothing = () => {};
  return {
    ...{ putCounter: nothing, deleteCounter: nothing, putLease: nothing, deleteLease: nothing },
    ...{ append: nothing, noteGivenUp: nothing },
    putHolds: (leaseId, texts) => {
      for (const [requestId, text] of texts) holds.set(requestId, { leaseId, text });
    },
    deleteHolds: (requestIds) => {
      for (const requestId of requestIds) holds.delete(requestId);
    },
    deleteHoldsOf: (leaseId) => {
      for (const [requestId, hold] of holds) if (hold.leaseId === leaseId) holds.delete(requestId);
    },
    readHold: (requestId) => holds.get(requestId)?.text ?? null,
    holdsOf: (leaseId) => [...holds.values()].filter((hold) => hold.leaseId === leaseId).map(({ text }) => text),
  };
}

/** A tenant with one key and one environment, limited as said. */
export function plainTenant(rateLimits: readonly Partial<SnapshotRateLimit>[] = []): TenantSnapshot {
  const environmentId = crypto.randomUUID();
  const limit = { environmentId: null, apiKeyId: null, windowSeconds: 60, strategy: 'fixed-window', queueMs: 0 };
  const caps = { maxRequests: null, maxTokens: null, maxConcurrent: null };
  return tenantSnapshot.parse({
    ...{ v: 1, tenantId: crypto.randomUUID(), configVersion: 1, region: 'eu', status: 'active', plan: 'free' },
    environments: [{ id: environmentId, name: 'dev', type: 'dev' }],
    apiKeys: [{ id: crypto.randomUUID(), environmentId, hash: 'x', scopes: ['orchestrate:invoke'] }],
    ...{ providerAccounts: [], budgets: [], priceVersion: crypto.randomUUID(), models: [] },
    rateLimits: rateLimits.map((each) => ({ id: crypto.randomUUID(), name: 'limit', ...limit, ...caps, ...each })),
  });
}

/** The hold of a request that this tenant's key sends. */
export function plainHold({ apiKeys: [apiKey], priceVersion }: TenantSnapshot, requestId: string): HoldCommand {
  if (!apiKey) throw new Error('the tenant has no key');
  return {
    ...{
      requestId,
      environmentId: apiKey.environmentId,
      apiKeyId: apiKey.id,
      provider: 'openai',
      model: 'gpt-4o-mini',
    },
    ...{
      taskType: 'chat',
      amountPicoUsd: '1000',
      isPriced: true,
      bound: { inputTokens: 1, outputTokens: 1 },
      priceVersion,
    },
    ...{ startedAt: 1, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', metadata: {} },
  };
}
