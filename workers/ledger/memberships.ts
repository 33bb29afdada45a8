import { WorkerEntrypoint } from 'cloudflare:workers';
import type { MembershipsRpc } from '../../shared/contracts/rpc.ts';
import { createDatabase } from '../../shared/db/client.ts';
import { findMembership, type Membership } from '../../shared/services/find-membership.ts';
import type { LedgerEnv } from './env.ts';

/** Tells scripts that have no database what a person may do in a tenant. Throws while Postgres is away. */
export class Memberships extends WorkerEntrypoint<LedgerEnv> implements MembershipsRpc {
  async find(tenantId: string, userId: string): Promise<Membership | null> {
    const { DATABASE_URL: databaseUrl, NEON_ENDPOINT: neonEndpoint } = this.env;
    return await findMembership({ db: createDatabase({ databaseUrl, neonEndpoint }), tenantId, userId });
  }
}
