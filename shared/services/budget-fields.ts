import { sql } from 'drizzle-orm';
import { type Budget, type BudgetChange, budget } from '../contracts/http/budgets.ts';
import { budgets } from '../db/schema/configuration.ts';
import type { ConfigurationTable, Row } from './change-configuration.ts';
import { createdAtText, givenColumns } from './configuration-columns.ts';

/** Money stays text on its way: JSON numbers are not exact. */
export const BUDGETS: ConfigurationTable = {
  table: budgets,
  target: 'budget',
  fields: sql`jsonb_build_object('id', id, 'name', name, 'amountUsd', trim_scale(amount_usd)::text, 'period', period,
    'scope', scope, 'hardStop', hard_stop, 'thresholds', thresholds, 'createdAt', ${createdAtText})`,
};

/** A row's fields as clients see them. */
export function toBudget(fields: unknown): Budget {
  return budget.parse(fields);
}

/** The columns of what a client sent. */
export function toBudgetRow({ name, amountUsd, period, scope, hardStop, thresholds }: BudgetChange): Row {
  return givenColumns({ name, amount_usd: amountUsd, period, scope, hard_stop: hardStop, thresholds });
}
