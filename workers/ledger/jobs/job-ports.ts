import { type StubBindings, tenantGate } from '../../../durable-objects/stubs.ts';
import { createDatabase } from '../../../shared/db/client.ts';
import { statementsOver } from '../../../shared/db/statement-runner.ts';
import { createLogger } from '../../../shared/platform/logger.ts';
import { lookUpTxtAt } from '../../../shared/platform/look-up-txt.ts';
import type { LedgerEnv } from '../env.ts';
import type { JobPorts } from './job.ts';

/** What one statement of a job may take: a day of a large tenant. A run may be silent for four times as long. */
const QUERY_TIMEOUT_MS = 30_000;

/** Between two looks at a gate that is busy. */
const PAUSE_MS = 500;

export function createJobPorts(env: LedgerEnv): JobPorts {
  const bindings: StubBindings = env;
  const { DATABASE_URL: databaseUrl, NEON_ENDPOINT: neonEndpoint } = env;
  return {
    logger: createLogger({ service: 'ledger', level: env.LOG_LEVEL }),
    statements: statementsOver(createDatabase({ databaseUrl, neonEndpoint, timeoutMs: QUERY_TIMEOUT_MS })),
    gate: (tenantId, shard) => tenantGate(bindings, tenantId, shard),
    vault: env.VAULT,
    archive: {
      put: async (key, text, sha256) => {
        await env.ARCHIVE.put(key, text, { sha256 });
      },
      get: async (key) => (await env.ARCHIVE.get(key))?.text() ?? null,
    },
    lookUpTxt: lookUpTxtAt(env.DNS_RESOLVER_URL, (url, init) => fetch(url, init)),
    now: () => new Date(),
    pause: () => scheduler.wait(PAUSE_MS),
  };
}
