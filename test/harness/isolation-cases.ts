import { mintInvitationToken } from '../../shared/auth/invitation-token.ts';
import type { FilledTenant } from './filled-tenant.ts';
import { EXAMPLES } from './route-examples.ts';
import { describedOperations, type Operation, type Slot, slotsOf } from './route-probes.ts';

/** Pages on which people sign in, before anybody is known; tests of signing in cover what they tell. */
const PUBLIC = ['/v1/auth/login', '/v1/auth/callback', '/v1/auth/logout', '/v1/auth/backchannel-logout'];

/** Every operation that is asked with a credential. */
export const OPERATIONS = describedOperations().filter(({ path }) => !PUBLIC.includes(path));

export type Credential = 'key' | 'person' | 'provider';

/** Who may call an operation: SCIM is for identity providers. */
export const callersOf = ({ path }: Operation): readonly Credential[] =>
  path.startsWith('/v1/scim/') ? ['provider'] : ['key', 'person'];

/** Every place of every operation that takes an id, by each who may call it. */
export const CASES = OPERATIONS.flatMap((operation) =>
  slotsOf(operation, EXAMPLES[operation.operationId]).flatMap((slot) =>
    callersOf(operation).map((credential) => ({
      ...{ operation, slot, credential },
      name: `${operation.method} ${operation.path}, ${slot.name}, ${credential}`,
    })),
  ),
);

/** A tenant's headers. */
export const headersOf = (tenant: FilledTenant, credential: Credential): Record<string, string> =>
  ({ key: tenant.headers, person: tenant.owner.in(tenant.tenantId), provider: tenant.scim })[credential];

/** An id of another tenant's, and one that is nobody's, as the place takes them. */
export function idsFor({ name }: Slot, foreign: string): readonly [foreign: string, absent: string] {
  const asToken = (id: string) => mintInvitationToken(id).slice(0, -43) + 'A'.repeat(43);
  const toId = name === 'body /token' ? asToken : (id: string) => id;
  return [toId(foreign), toId(absentLike(foreign))];
}

/** The id behind another in every order, so that a page behind either one is the same. */
export function absentLike(id: string): string {
  const last = id.at(-1) === 'f' ? 'e' : (Number.parseInt(id.at(-1) ?? '0', 16) + 1).toString(16);
  return id.slice(0, -1) + last;
}

/** A text without the times that an answer has by when it is asked: how current it is, and the period that is then. */
export function withoutTimes(text: string): string {
  return text.replaceAll(/"(asOf|periodStart|resetsAt)":"[^"]+"/g, '"$1":"then"');
}
