import type { Budget } from '../contracts/http/budgets.ts';
import type { Page, PageQuery } from '../contracts/http/page.ts';
import type { Database } from '../db/client.ts';
import { BUDGETS, toBudget } from './budget-fields.ts';
import { listConfiguration } from './list-configuration.ts';

/** A page of a tenant's budgets, oldest first. */
export async function listBudgets(input: {
  readonly db: Database;
  readonly tenantId: string;
  readonly page: PageQuery;
}): Promise<Page<Budget>> {
  const { data, nextCursor } = await listConfiguration({ ...input, kind: BUDGETS });
  return { data: data.map(toBudget), nextCursor };
}
