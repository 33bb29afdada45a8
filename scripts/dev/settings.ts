import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { ProviderName } from '../../shared/contracts/names.ts';

const DEFAULT_PORT = 8787;

/** What the settings of each provider begin with. */
const PREFIXES: Readonly<Record<ProviderName, string>> = {
  openai: 'OPENAI',
  anthropic: 'ANTHROPIC',
  google: 'GEMINI',
  perplexity: 'PERPLEXITY',
  mistral: 'MISTRAL',
  'openai-compatible': 'OPENAI_COMPATIBLE',
};

export interface ProviderSetting {
  readonly provider: ProviderName;
  /** Name of the setting that holds the key. */
  readonly keyName: string;
  /** Null: no key is set, and the simulator answers for this provider. */
  readonly apiKey: string | null;
  /** A compatible server; null: the vendor's public endpoint. */
  readonly baseUrl: string | null;
}

export interface Settings {
  readonly root: string;
  /** Holds everything that a start keeps: `.eufm`, unless EUFM_DIR names another folder. */
  readonly directory: string;
  readonly port: number;
  /** A PostgreSQL to use in place of the embedded one, as the owner of its database. */
  readonly databaseUrl: string | null;
  readonly providers: readonly ProviderSetting[];
  /** Vars for all Workers that are to differ from their wrangler.toml. */
  readonly vars: Readonly<Record<string, string>>;
  /** Where domains are looked up, for the Workers that do; empty: as in their wrangler.toml. */
  readonly dns: Readonly<Record<string, string>>;
  /** What the gateway sends mail by; empty: nothing is sent. */
  readonly mail: Readonly<Record<string, string>>;
}

/** Reads the environment, then `.dev.vars`, then defaults. An empty value counts as none. */
export function readSettings(root: string, env = process.env): Settings {
  const file = join(root, '.dev.vars');
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {};
  const read = (name: string): string | null => env[name] || fromFile[name] || null;
  const readUrl = (name: string): string | null => {
    const value = read(name);
    if (value !== null && !/^https?:$/.test(URL.parse(value)?.protocol ?? ''))
      throw new Error(`${name} is not an http(s) URL: ${value}`);
    return value;
  };
  const readVar = (name: string): Record<string, string> => {
    const value = read(name);
    return value === null ? {} : { [name]: value };
  };
  return {
    root,
    directory: resolve(read('EUFM_DIR') ?? join(root, '.eufm')),
    port: readPort(read('PORT')),
    databaseUrl: read('DATABASE_URL'),
    providers: (Object.keys(PREFIXES) as ProviderName[]).map((provider) => ({
      provider,
      keyName: `${PREFIXES[provider]}_API_KEY`,
      apiKey: read(`${PREFIXES[provider]}_API_KEY`),
      baseUrl: readUrl(`${PREFIXES[provider]}_BASE_URL`),
    })),
    vars: { ...readVar('LOG_LEVEL'), ...readVar('NATIVE_TRACING') },
    dns: readUrl('DNS_RESOLVER_URL') === null ? {} : readVar('DNS_RESOLVER_URL'),
    mail: readVar('SMTP_URL'),
  };
}

function readPort(value: string | null): number {
  const port = Number(value ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`PORT is not a port: ${value}`);
  return port;
}
