import { sql } from 'drizzle-orm';
import { type Environment, environment } from '../contracts/http/environments.ts';
import { environments } from '../db/schema/tenancy.ts';
import type { ConfigurationTable } from './change-configuration.ts';
import { createdAtText } from './configuration-columns.ts';

export const ENVIRONMENTS: ConfigurationTable = {
  table: environments,
  target: 'environment',
  fields: sql`jsonb_build_object('id', id, 'name', name, 'type', type, 'createdAt', ${createdAtText})`,
};

/** A row's fields as clients see them. */
export function toEnvironment(fields: unknown): Environment {
  return environment.parse(fields);
}
