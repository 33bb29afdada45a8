import { ScimError, type ScimPatchOperation, type ScimResource, scimPatch } from 'scim-patch';
import type { ScimOperation } from '../../contracts/http/scim/messages.ts';
import { USER_SCHEMA } from '../../contracts/http/scim/schemas.ts';
import { type ScimUserInput, scimUserInput } from '../../contracts/http/scim/users.ts';
import { err, ok, type Result } from '../../errors/result.ts';
import type { ChangeContext } from '../change-configuration.ts';
import { getScimUser } from './list-scim-users.ts';
import { readUserPatch } from './read-user-patch.ts';
import { replaceScimUser, type WhichUser } from './replace-scim-user.ts';
import type { ScimConnection, ScimFault, ScimRefusal } from './scim-connection.ts';
import type { ScimUserRecord } from './scim-user-fields.ts';

/** Tries of a change whose person was changed by another request between reading and writing. */
const ATTEMPTS = 4;

/** Changes parts of a person, all that are asked for or none; see `replaceScimUser`. */
export async function patchScimUser(
  by: ChangeContext,
  connection: ScimConnection,
  { id, version }: WhichUser,
  operations: readonly ScimOperation[],
): Promise<Result<ScimUserRecord, ScimRefusal>> {
  const steps = readUserPatch(operations);
  if (!steps.ok) return steps;
  for (let attempt = 1; ; attempt++) {
    const record = await getScimUser(by.db, connection, id);
    if (!record) return err('not_found');
    if (version !== null && version !== record.version) return err('stale');
    const input = apply(record, steps.value);
    if (!input.ok) return input;
    const replaced = await replaceScimUser(by, connection, { id, version: record.version }, input.value);
    if (replaced.ok || replaced.error !== 'stale' || version !== null || attempt === ATTEMPTS) return replaced;
  }
}

/** The library's own words tell of its code and of what was sent, so they are not passed on. */
function apply(
  { userName, externalId, active, attributes }: ScimUserRecord,
  steps: readonly ScimPatchOperation[],
): Result<ScimUserInput, ScimFault> {
  const now = new Date(0);
  const resource: ScimResource = {
    ...{ schemas: [USER_SCHEMA], meta: { created: now, lastModified: now } }, // which the library asks for
    ...{ userName, externalId, active, ...attributes },
  };
  try {
    const patched = scimPatch(resource, [...steps], { mutateDocument: false, treatMissingAsAdd: true });
    const read = scimUserInput.safeParse(patched);
    if (read.success) return ok(read.data);
    const errors = read.error.issues.map(({ path, message }) => ({ pointer: `/${path.join('/')}`, detail: message }));
    const detail = errors.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ');
    return err({ scimType: 'invalidValue', detail: `The person would not be valid. ${detail}` });
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    return err({ scimType: 'noTarget', detail: 'A path does not lead to anything that this person has.' });
  }
}
