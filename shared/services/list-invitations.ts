import { sql } from 'drizzle-orm';
import type { Invitation, InvitationQuery } from '../contracts/http/invitations.ts';
import type { Page } from '../contracts/http/page.ts';
import type { Database } from '../db/client.ts';
import { INVITATIONS, invitationStatus, toInvitation } from './invitation-fields.ts';
import { listConfiguration } from './list-configuration.ts';

/** A page of a tenant's invitations, oldest first: of one status where that is asked for. */
export async function listInvitations(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly query: InvitationQuery;
}): Promise<Page<Invitation>> {
  const { db, tenantId, query } = input;
  const { status, ...page } = query;
  const condition = status === undefined ? sql`true` : sql`${invitationStatus} = ${status}`;
  const { data, nextCursor } = await listConfiguration({ db, tenantId, kind: INVITATIONS, page, condition });
  return { data: data.map(toInvitation), nextCursor };
}
