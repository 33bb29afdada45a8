import type { SettleCommand, TenantGateRpc } from '../../../shared/contracts/rpc.ts';
import { retry } from '../../../shared/platform/retry.ts';
import { SETTLE_ATTEMPTS, SETTLE_GATHER_MS, SETTLE_RETRY_BASE_MS, SETTLE_RETRY_CAP_MS } from '../constants.ts';

interface Batch {
  readonly commands: SettleCommand[];
  readonly settled: Promise<void>;
}

/**
 * Hands settlements to TenantGate, those of one tenant that come within `SETTLE_GATHER_MS` in one call and so in one
 * commit. Tries again for some seconds; settling twice changes nothing. What is lost with this isolate is not lost: the
 * hold's expiry counts it.
 */
export class SettlementGatherer {
  readonly #gate: (tenantId: string) => Pick<TenantGateRpc, 'settle'>;
  readonly #open = new Map<string, Batch>();

  constructor(gate: (tenantId: string) => Pick<TenantGateRpc, 'settle'>) {
    this.#gate = gate;
  }

  /** Ends when TenantGate has it; rejects when it cannot be reached. The caller keeps its request alive until then. */
  settle(tenantId: string, command: SettleCommand): Promise<void> {
    const open = this.#open.get(tenantId);
    if (open) {
      open.commands.push(command);
      return open.settled;
    }
    const commands = [command];
    const settled = this.#send(tenantId, commands);
    this.#open.set(tenantId, { commands, settled });
    return settled;
  }

  async #send(tenantId: string, commands: readonly SettleCommand[]): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_GATHER_MS));
    this.#open.delete(tenantId);
    const options = { attempts: SETTLE_ATTEMPTS, baseMs: SETTLE_RETRY_BASE_MS, capMs: SETTLE_RETRY_CAP_MS };
    await retry(() => this.#gate(tenantId).settle(commands), options);
  }
}
