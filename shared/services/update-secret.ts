import type { Secret, SecretChange } from '../contracts/http/secrets.ts';
import { ok, type Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, updateConfiguration } from './change-configuration.ts';
import type { SealFor } from './provider-account-fields.ts';
import { SECRETS, toSecret } from './secret-fields.ts';

/** Replaces a secret's value, with its audit row. */
export async function updateSecret(
  by: ChangeContext,
  seal: SealFor,
  id: string,
  { value }: SecretChange,
): Promise<Result<Secret, ChangeRefusal>> {
  const row = { encrypted_value: await seal(id, value), updated_at: new Date().toISOString() };
  const updated = await updateConfiguration(by, SECRETS, id, row, {});
  return updated.ok ? ok(toSecret(updated.value)) : updated;
}
