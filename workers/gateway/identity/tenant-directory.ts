import type { GateNews, TenantGateRpc } from '../../../shared/contracts/rpc.ts';
import type { TenantSnapshot } from '../../../shared/contracts/tenant-snapshot.ts';
import { knowsResidency } from '../../../shared/domain/routing/residency.ts';
import { ExpiringMap } from '../../../shared/platform/expiring-map.ts';
import { SharedAsking } from '../../../shared/platform/shared-asking.ts';
import { CACHED_TENANTS, SHARED_LOAD_MS, UNKNOWN_TENANT_MAX_AGE_MS } from '../constants.ts';

interface TenantDirectoryOptions {
  gate(tenantId: string): Pick<TenantGateRpc, 'snapshot' | 'publish'>;
  /** Reads a tenant's configuration from Postgres: asked only for a tenant that its TenantGate does not know. */
  load(tenantId: string): Promise<TenantSnapshot | null>;
  now(): number;
}

/**
 * An isolate's copies of tenants' configuration. TenantGate is asked for news when a copy is older than the reader
 * allows, Postgres only for a tenant never seen in this region, or last by an earlier release: others do not depend on it.
 * Many who want such a tenant at once read it once.
 */
export class TenantDirectory {
  readonly #options: TenantDirectoryOptions;
  readonly #known: ExpiringMap<string, TenantSnapshot>;
  readonly #unknown: ExpiringMap<string, true>;
  readonly #loading = new SharedAsking<string, TenantSnapshot | null>(SHARED_LOAD_MS);

  constructor(options: TenantDirectoryOptions) {
    this.#options = options;
    this.#known = new ExpiringMap(CACHED_TENANTS, options.now);
    this.#unknown = new ExpiringMap(CACHED_TENANTS, options.now);
  }

  /** The copy that this isolate has, if it is not older than that, and of this release. */
  known(tenantId: string, maxAgeMs?: number): TenantSnapshot | undefined {
    const known = this.#known.get(tenantId, maxAgeMs);
    return known && knowsResidency(known) ? known : undefined;
  }

  /** The tenant's configuration, or null when there is no such tenant. Throws when neither source can be reached. */
  async find(tenantId: string, maxAgeMs: number): Promise<TenantSnapshot | null> {
    const fresh = this.known(tenantId, maxAgeMs);
    if (fresh) return fresh;
    if (this.#unknown.get(tenantId, UNKNOWN_TENANT_MAX_AGE_MS)) return null;
    const cached = this.known(tenantId);
    const reply = await this.#options.gate(tenantId).snapshot(cached?.configVersion ?? -1);
    if (reply.state === 'newer' && knowsResidency(reply.snapshot)) return this.accept(reply.snapshot);
    if (reply.state === 'unchanged' && cached) return this.accept(cached);
    return await this.#loading.ask(tenantId, () => this.#publish(tenantId));
  }

  /** Takes over a configuration that came with another answer. */
  accept(snapshot: TenantSnapshot): TenantSnapshot {
    this.#known.set(snapshot.tenantId, snapshot);
    return snapshot;
  }

  /**
   * Learns from an answer of TenantGate: what is newer, that a copy is still the newest, or that the tenant is not known
   * there, so that the next reader publishes it again.
   */
  hear(tenantId: string, { snapshot, configVersion }: GateNews, isKnown: boolean): void {
    const known = this.#known.get(tenantId);
    if (snapshot) this.accept(snapshot);
    else if (!isKnown) this.#known.delete(tenantId);
    else if (known?.configVersion === configVersion) this.accept(known);
  }

  async #publish(tenantId: string): Promise<TenantSnapshot | null> {
    const loaded = await this.#options.load(tenantId);
    if (!loaded) {
      this.#unknown.set(tenantId, true);
      return null;
    }
    await this.#options.gate(tenantId).publish(loaded);
    return this.accept(loaded);
  }
}
