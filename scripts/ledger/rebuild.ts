import { listLedgerPeriods } from '../../shared/services/list-ledger-periods.ts';
import { rebuildAggregates } from '../../shared/services/rebuild-aggregates.ts';
import { readScope, tenantsOf } from './ledger-scope.ts';
import type { LedgerCommand } from './run-command.ts';

/** Made anew in one transaction, under the tenant's ledger lock: meanwhile its requests wait in their outbox. */
const REQUESTS_PER_PERIOD = 100_000;

export const REBUILD: LedgerCommand = {
  help: `Makes the sums by hour and day anew from the rows of requests, and mends the ledger of money by new entries.

  npm run ledger:rebuild                     everything
  --tenant ID      only one tenant
  --from, --to     only these days (YYYY-MM-DD, UTC, both included)
  --reason TEXT    why, for entries of the kind "adjusted"
  --help           this text

Connects to DATABASE_URL, as the ledger's role or as one that may bypass row-level security. Days that were rolled off are
left as they are. It may be ended at any time and run again. Ends with 0, or with 2 when it could not go on.`,
  read(args) {
    const { scope, values } = readScope(args, { reason: { type: 'string' } });
    if (values.help) return 'help';
    const reason = typeof values.reason === 'string' ? values.reason : 'rebuilt from the rows of requests';
    return async (statements, print) => {
      for await (const tenantId of tenantsOf(statements, scope)) {
        const periods = await listLedgerPeriods({
          ...{ statements, tenantId, requestsPerPeriod: REQUESTS_PER_PERIOD },
          ...(scope.from !== undefined && { from: scope.from }),
          ...(scope.to !== undefined && { to: scope.to }),
        });
        let [added, adjusted] = [0, 0];
        for (const period of periods) {
          const { postingsAdded, postingsAdjusted } = await rebuildAggregates({
            statements,
            tenantId,
            reason,
            ...period,
          });
          added += postingsAdded;
          adjusted += postingsAdjusted;
        }
        if (periods.length > 0) print(`${tenantId}: rebuilt; ${added} postings added, ${adjusted} adjusted`);
      }
      return 0;
    };
  },
};
