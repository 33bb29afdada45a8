import { describe, expect, it } from 'vitest';
import { type ProjectFile, workerSources } from './project-files.ts';
import { CONFIGS, type ScriptName } from './wrangler-configs.ts';

/** The secrets that each script holds, and where its source is. Adding one here is a decision. */
const SCRIPTS: Record<ScriptName, { readonly source: string; readonly secrets: readonly string[] }> = {
  gateway: { source: 'workers/gateway/', secrets: ['DATABASE_URL', 'API_KEY_PEPPER', 'OIDC_CLIENT_SECRET'] },
  providers: { source: 'workers/providers/', secrets: ['VAULT_KEYS'] },
  ledger: { source: 'workers/ledger/', secrets: ['DATABASE_URL', 'AUDIT_SIGNING_KEY'] },
  state: { source: 'durable-objects/', secrets: [] },
};
const NAMES = Object.keys(SCRIPTS) as ScriptName[];
const SECRETS = [...new Set(NAMES.flatMap((name) => SCRIPTS[name].secrets))];

/** Files that name a secret which their script does not hold; shared code is given values and names none. */
function violations(files: readonly ProjectFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    const owner = NAMES.find((name) => path.startsWith(SCRIPTS[name].source));
    const own = owner ? SCRIPTS[owner].secrets : [];
    return SECRETS.filter((secret) => !own.includes(secret) && new RegExp(`\\b${secret}\\b`).test(text)).map(
      (secret) => `${path} names ${secret}`,
    );
  });
}

describe('secrets', () => {
  it.each(NAMES)('of %s are those that it may hold, in every environment, and never a var', (name) => {
    const { env, ...local } = CONFIGS[name];
    for (const { secrets, vars } of [local, ...Object.values(env)]) {
      expect(secrets.required).toEqual(SCRIPTS[name].secrets);
      expect(Object.keys(vars).filter((key) => SECRETS.includes(key))).toEqual([]);
    }
  });

  it('are named by the script that holds them only', () => {
    expect(violations(workerSources())).toEqual([]);
  });

  it('are found out in another script and in shared code', () => {
    const text = 'openVault(env.VAULT_KEYS)';
    expect(violations([{ path: 'workers/gateway/a.ts', text }])).toEqual(['workers/gateway/a.ts names VAULT_KEYS']);
    expect(violations([{ path: 'shared/crypto/a.ts', text }])).toEqual(['shared/crypto/a.ts names VAULT_KEYS']);
    expect(violations([{ path: 'workers/providers/a.ts', text }])).toEqual([]);
  });
});
