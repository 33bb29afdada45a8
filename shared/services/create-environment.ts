import type { Environment, EnvironmentInput } from '../contracts/http/environments.ts';
import { ok, type Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, insertConfiguration } from './change-configuration.ts';
import { ENVIRONMENTS, toEnvironment } from './environment-fields.ts';

/** Adds an environment, with its audit row. */
export async function createEnvironment(
  by: ChangeContext,
  { name, type }: EnvironmentInput,
): Promise<Result<Environment, ChangeRefusal>> {
  const created = await insertConfiguration(by, ENVIRONMENTS, { name, type }, {});
  return created.ok ? ok(toEnvironment(created.value)) : created;
}
