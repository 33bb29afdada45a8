import { parseArgs } from 'node:util';
import type { StatementRunner } from '../../shared/db/statement-runner.ts';
import { listTenantIds } from '../../shared/services/list-tenant-ids.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DAY_MS = 86_400_000;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** The part of the ledger that an operator's command is for: epoch milliseconds; without a tenant it is for all. */
export interface LedgerScope {
  readonly tenantId?: string;
  readonly from?: number;
  readonly to?: number;
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

/** Reads `--tenant`, `--from` and `--to` (both days included), with the options of the command. Throws what is wrong with them. */
export function readScope(
  args: readonly string[],
  more: Readonly<Record<string, { readonly type: 'string' | 'boolean' }>> = {},
): { readonly scope: LedgerScope; readonly values: Values } {
  const options = {
    tenant: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    help: { type: 'boolean' },
  };
  const parsed = parseArgs({ args: [...args], options: { ...options, ...more } as never });
  const values = parsed.values as Values; // each option is a text or a flag, as `options` says
  const { tenant, from, to } = values;
  if (typeof tenant === 'string' && !UUID.test(tenant)) throw new Error(`--tenant ${tenant} is not the id of a tenant`);
  return {
    values,
    scope: {
      ...(typeof tenant === 'string' && { tenantId: tenant.toLowerCase() }),
      ...(typeof from === 'string' && { from: dayOf('from', from) }),
      ...(typeof to === 'string' && { to: dayOf('to', to) + DAY_MS }),
    },
  };
}

/** The tenants of a scope, a page at a time. Throws when the connection's role sees none at all. */
export async function* tenantsOf(statements: StatementRunner, { tenantId }: LedgerScope): AsyncGenerator<string> {
  if (tenantId !== undefined) {
    yield tenantId;
    return;
  }
  let page = await listTenantIds({ statements, after: BEFORE_ALL });
  if (page.length === 0) {
    throw new Error(
      'this role sees no tenant: connect as eufm_ledger, as a role that may bypass row-level security, or give --tenant',
    );
  }
  for (; page.length > 0; page = await listTenantIds({ statements, after: page.at(-1) ?? '' })) yield* page;
}

function dayOf(name: string, text: string): number {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(time)) throw new Error(`--${name} ${text} is not a day (YYYY-MM-DD)`);
  return time;
}
