import { uuidv7 } from 'uuidv7';
import type { Secret, SecretInput } from '../contracts/http/secrets.ts';
import { ok, type Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, insertConfiguration } from './change-configuration.ts';
import type { SealFor } from './provider-account-fields.ts';
import { SECRETS, toSecret } from './secret-fields.ts';

/** Keeps a value, sealed, with its audit row. */
export async function createSecret(
  by: ChangeContext,
  seal: SealFor,
  { name, value }: SecretInput,
): Promise<Result<Secret, ChangeRefusal>> {
  const id = uuidv7();
  const row = {
    id,
    name,
    encrypted_value: await seal(id, value),
    created_by: by.actor.kind === 'user' ? by.actor.userId : null,
  };
  const created = await insertConfiguration(by, SECRETS, row, {});
  return created.ok ? ok(toSecret(created.value)) : created;
}
