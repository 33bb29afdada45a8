import type { TenantContext } from '../../../shared/auth/tenant-context.ts';
import {
  type AccessRefusal,
  hubAnswer,
  READER_HEADER,
  type Reader,
  type ReaderRequest,
} from '../../../shared/contracts/events.ts';
import { mostConnectionsOf } from '../../../shared/domain/events/constants.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import type { GatewayPorts } from '../ports.ts';
import { MOST_IN_ONE_HUB } from './constants.ts';

/** How often a reader may be sent on to another hub. */
const MOST_TURNS = 3;

const REFUSALS: Readonly<Record<AccessRefusal, DomainError>> = {
  unauthenticated: { code: 'unauthenticated', detail: 'The API key is unknown, expired or revoked.' },
  permission_denied: { code: 'permission_denied', detail: 'The credential may not read events any more.' },
  tenant_suspended: { code: 'tenant_suspended', detail: 'The tenant is suspended.' },
};

/** A socket to the tenant's hub, or to one of its shards, not accepted yet. Throws where the hub cannot be reached. */
export async function openHub(
  { eventHub }: Pick<GatewayPorts, 'eventHub'>,
  { tenantId, snapshot }: Pick<TenantContext, 'tenantId' | 'snapshot'>,
  reader: Reader,
): Promise<Result<WebSocket, DomainError>> {
  const mostConnections = mostConnectionsOf(snapshot.plan);
  const asked: ReaderRequest = { reader, mostConnections, mostInOne: MOST_IN_ONE_HUB };
  const headers = { upgrade: 'websocket', [READER_HEADER]: JSON.stringify(asked) };
  let shard = 0;
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const response = await eventHub(tenantId, shard).fetch('https://hub/', { headers });
    if (response.webSocket) return ok(response.webSocket);
    const answer = hubAnswer.parse(await response.json());
    if (answer.kind === 'refused') return err(REFUSALS[answer.reason]);
    if (answer.kind === 'full') {
      const detail = `The plan allows ${mostConnections} connections to events at once.`;
      return err({ code: 'concurrency_limited', detail, retryAfterMs: 10_000 });
    }
    shard = answer.shard;
  }
  throw new Error('the hub sends a reader round');
}
