import type { Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, deleteConfiguration } from './change-configuration.ts';
import { SECRETS } from './secret-fields.ts';

/** Removes a secret, with its audit row. */
export function deleteSecret(by: ChangeContext, id: string): Promise<Result<unknown, ChangeRefusal>> {
  return deleteConfiguration(by, SECRETS, id);
}
