import { Memberships } from '../../workers/ledger/index.ts';
import type { ComposedEnv } from './composed-worker.ts';

/** The ledger's entry point, connected to Postgres as the ledger is. */
export class LedgersMemberships extends Memberships {
  constructor(context: ExecutionContext, env: ComposedEnv) {
    super(context, { ...env, DATABASE_URL: env.LEDGER_DATABASE_URL });
  }
}
