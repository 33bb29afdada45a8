import type { TenantGateRpc, VaultRpc } from '../../../shared/contracts/rpc.ts';
import type { StatementRunner } from '../../../shared/db/statement-runner.ts';
import type { Logger } from '../../../shared/platform/logger.ts';
import type { LookUpTxt } from '../../../shared/platform/look-up-txt.ts';
import type { ArchiveStore } from '../../../shared/services/archive-store.ts';

/** What jobs work with. */
export interface JobPorts {
  readonly logger: Logger;
  /** One of a tenant's objects; 0 is its TenantGate itself. */
  gate(tenantId: string, shard: number): Pick<TenantGateRpc, 'standing'>;
  readonly statements: StatementRunner;
  /** Fails closed: a key that cannot be wrapped anew keeps its old wrapping. */
  readonly vault: Pick<VaultRpc, 'rewrapKey' | 'reseal'>;
  readonly archive: ArchiveStore;
  readonly lookUpTxt: LookUpTxt;
  readonly now: () => Date;
  /** Waits between two looks at a gate that is busy. */
  readonly pause: () => Promise<void>;
}

export interface JobState {
  readonly id: string;
  /** Read with zod: an operator, or an older version of the code, wrote it. */
  readonly input: unknown;
  readonly progress: unknown;
}

/** Where the next step goes on from, or what came of it all. */
export type StepOutcome = { readonly progress: unknown } | { readonly result: unknown };

/** One step, of a few seconds at most. It may be run again from the same state: it then does nothing twice. */
export type JobStep = (ports: JobPorts, job: JobState) => Promise<StepOutcome>;
