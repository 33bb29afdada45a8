import { describe, expect, it } from 'vitest';
import { COMPOSED, CONFIGS, type Config, ENVIRONMENTS, type Environment } from './wrangler-configs.ts';

type DeployedName = (typeof ENVIRONMENTS)[number];

/** What an environment does inherit from the top level, so that it says none of it again. */
const INHERITED = [
  'name',
  'main',
  'compatibility_date',
  'compatibility_flags',
  'workers_dev',
  'send_metrics',
  'keep_names',
  'env',
];
/** What carries the environment's name as a suffix. */
const SUFFIXED = ['queue', 'dead_letter_queue', 'service', 'script_name', 'bucket_name'];

/** All that an environment must have in common with every other one: the values of vars and the routes differ. */
function shapeOf({ vars, routes: _, r2_buckets, ...rest }: Environment) {
  const own = Object.fromEntries(Object.entries(rest).filter(([key]) => !INHERITED.includes(key)));
  return { ...own, vars: Object.keys(vars).sort(), r2_buckets: r2_buckets.map(({ jurisdiction: _, ...rest }) => rest) };
}

function expectedShape(local: Config, name: DeployedName): unknown {
  const suffix = (key: string, value: unknown) => (SUFFIXED.includes(key) ? `${value}-${name}` : value);
  return JSON.parse(JSON.stringify(shapeOf(local), suffix));
}

function deployed(config: Config, name: DeployedName): Environment {
  const environment = config.env[name];
  if (!environment) throw new Error(`no [env.${name}]`);
  return environment;
}

/** How a script lets tenants have private hosts called: only `npm start` and tests may, by what they set themselves. */
function privateUpstreams({ vars, env, compatibility_flags }: Config): string[] {
  if (vars.ALLOW_PRIVATE_UPSTREAMS === undefined) return []; // it calls nothing that a tenant has set
  const allowing = Object.entries({ ...env, local: { vars } }).filter(
    ([, { vars }]) => vars.ALLOW_PRIVATE_UPSTREAMS !== 'false',
  );
  const hasFlag = compatibility_flags.includes('global_fetch_strictly_public');
  return [...allowing.map(([name]) => name), ...(hasFlag ? [] : ['its own zone'])];
}

const CASES = Object.entries(CONFIGS).flatMap(([script, config]) =>
  ENVIRONMENTS.map((name) => ({ script, config, name })),
);

describe('every environment of every script', () => {
  it.each(CASES)('binds the same names: $script, $name', ({ config, name }) => {
    expect(shapeOf(deployed(config, name))).toEqual(expectedShape(config, name));
  });

  it.each(CASES)('keeps its objects and files where its region is: $script, $name', ({ config, name }) => {
    const { vars, r2_buckets } = deployed(config, name);
    const { JURISDICTION, REGION } = vars;
    expect(JURISDICTION).toBe(REGION);
    for (const { jurisdiction } of r2_buckets) expect(jurisdiction).toBe(JURISDICTION);
    if (name !== 'staging') expect(JURISDICTION).toBe(name);
  });

  it('lets no tenant name a private host, and calls what it names from outside', () => {
    expect(CONFIGS.gateway.vars.ALLOW_PRIVATE_UPSTREAMS).toBeDefined();
    for (const config of Object.values(CONFIGS)) expect(privateUpstreams(config)).toEqual([]);
  });

  it('is one of those that are known', () => {
    for (const { env } of Object.values(CONFIGS)) expect(Object.keys(env)).toEqual(ENVIRONMENTS);
  });

  it('runs on the same compatibility date', () => {
    const dates = [...Object.values(CONFIGS), COMPOSED].map(({ compatibility_date }) => compatibility_date);
    expect(new Set(dates).size).toBe(1);
  });

  it('is private unless it is the gateway, which answers on its own domains', () => {
    for (const { script, config, name } of CASES) {
      expect(config.workers_dev).toBe(false);
      expect(deployed(config, name).routes).toHaveLength(script === 'gateway' ? 2 : 0); // the API's, and that of events
    }
  });
});

describe('an environment is found out', () => {
  const BROKEN: Record<string, (environment: Environment) => unknown> = {
    'without a var': ({ vars }) => Reflect.deleteProperty(vars, 'LOG_LEVEL'),
    'with a var of its own': ({ vars }) => Object.assign(vars, { EXTRA: '' }),
    'without a secret': ({ secrets }) => secrets.required.pop(),
    'without a Durable Object': ({ durable_objects }) => durable_objects.bindings.pop(),
    "with another environment's service": (environment) =>
      Object.assign(environment, { services: CONFIGS.gateway.services }),
    'without traces': (environment) => Reflect.deleteProperty(environment, 'observability'),
  };

  it.each(Object.entries(BROKEN))('%s', (_name, breakIt) => {
    const environment = structuredClone(deployed(CONFIGS.gateway, 'eu'));
    breakIt(environment);
    expect(shapeOf(environment)).not.toEqual(expectedShape(CONFIGS.gateway, 'eu'));
  });

  it('with private upstreams, and a script that reaches its own zone from inside', () => {
    const config = structuredClone(CONFIGS.gateway);
    deployed(config, 'us').vars.ALLOW_PRIVATE_UPSTREAMS = 'true';
    expect(privateUpstreams({ ...config, compatibility_flags: [] })).toEqual(['us', 'its own zone']);
    expect(privateUpstreams(COMPOSED)).toEqual(['local']);
  });
});
