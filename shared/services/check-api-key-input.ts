import { excessOf, type Grantor, type KeyRights } from '../auth/key-rights.ts';
import { PERMISSIONS } from '../auth/permissions.ts';
import type { FieldError } from '../errors/domain-error.ts';
import { err, ok, type Result } from '../errors/result.ts';
import type { ChangeRefusal } from './change-configuration.ts';

const KNOWN: ReadonlySet<string> = new Set(PERMISSIONS);

/**
 * If these fields of a key can be at all: its scopes must be known permissions, and the time at which it expires is to
 * come. `now` is epoch milliseconds.
 */
export function checkApiKeyFields(
  { scopes = [], expiresAt = null }: { readonly scopes?: readonly string[]; readonly expiresAt?: string | null },
  now: number,
): Result<null, ChangeRefusal> {
  const unknown = scopes.flatMap((scope, index): FieldError[] =>
    KNOWN.has(scope) ? [] : [{ pointer: `/scopes/${index}`, detail: 'there is no such permission' }],
  );
  const isPast = expiresAt !== null && Date.parse(expiresAt) <= now;
  const errors = isPast ? [...unknown, { pointer: '/expiresAt', detail: 'must be in the future' }] : unknown;
  return errors.length === 0 ? ok(null) : err({ reason: 'invalid', errors });
}

/** If who asks has all the rights that a key is to have. */
export function checkGrant(rights: KeyRights, by: Grantor): Result<null, ChangeRefusal> {
  const errors = excessOf(rights, by);
  return errors.length === 0 ? ok(null) : err({ reason: 'denied', errors });
}
