import type { Invitation } from '../contracts/http/invitations.ts';
import type { Page, PageQuery } from '../contracts/http/page.ts';
import type { Database } from '../db/client.ts';
import { INVITATIONS, toInvitation } from './invitation-fields.ts';
import { listConfiguration } from './list-configuration.ts';

/** A page of a tenant's invitations, oldest first. */
export async function listInvitations(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly page: PageQuery;
}): Promise<Page<Invitation>> {
  const { data, nextCursor } = await listConfiguration({ ...input, kind: INVITATIONS });
  return { data: data.map(toInvitation), nextCursor };
}
