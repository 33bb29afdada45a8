import type { Environment, EnvironmentChange } from '../contracts/http/environments.ts';
import { ok, type Result } from '../errors/result.ts';
import { type ChangeContext, type ChangeRefusal, updateConfiguration } from './change-configuration.ts';
import { ENVIRONMENTS, toEnvironment } from './environment-fields.ts';

/** Gives an environment another name, with an audit row. Its type is part of its keys and stays. */
export async function updateEnvironment(
  by: ChangeContext,
  id: string,
  { name }: EnvironmentChange,
): Promise<Result<Environment, ChangeRefusal>> {
  const updated = await updateConfiguration(by, ENVIRONMENTS, id, { name }, {});
  return updated.ok ? ok(toEnvironment(updated.value)) : updated;
}
