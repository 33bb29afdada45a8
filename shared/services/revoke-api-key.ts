import { sql } from 'drizzle-orm';
import { ok, type Result } from '../errors/result.ts';
import { API_KEYS } from './api-key-fields.ts';
import { type ChangeContext, type ChangeRefusal, changeConfiguration, isRow } from './change-configuration.ts';

/** Revokes a key for good, with an audit row. One that is revoked already stays as it is, without another row. */
export async function revokeApiKey(by: ChangeContext, id: string): Promise<Result<null, ChangeRefusal>> {
  const statement = sql`
    update api_keys set revoked_at = now() where ${isRow(by, id)} and revoked_at is null
    returning id, ${API_KEYS.fields} as fields`;
  const revoked = await changeConfiguration(by, API_KEYS, { verb: 'revoked', id, statement });
  return revoked.ok || revoked.error.reason === 'blocked' ? ok(null) : revoked;
}
