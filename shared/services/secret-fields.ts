import { sql } from 'drizzle-orm';
import { type Secret, secret } from '../contracts/http/secrets.ts';
import { secrets } from '../db/schema/identity.ts';
import type { ConfigurationTable } from './change-configuration.ts';
import { createdAtText, isoText } from './configuration-columns.ts';

/** Nothing of the value. */
export const SECRETS: ConfigurationTable = {
  table: secrets,
  target: 'secret',
  fields: sql`jsonb_build_object('id', id, 'name', name, 'createdBy', created_by, 'createdAt', ${createdAtText},
    'updatedAt', ${isoText('updated_at')})`,
};

/** A row's fields as clients see them. */
export function toSecret(fields: unknown): Secret {
  return secret.parse(fields);
}
