import type { Settings } from './settings.ts';

/** What `.eufm/dev.json` tells other programs of this machine while the product runs. */
export interface DevelopmentDetails {
  readonly baseUrl: string;
  readonly tenantId: string;
  readonly environmentId: string;
  readonly apiKey: string;
  /** Access token of the seeded administrator, for a day. */
  readonly adminToken: string;
  /** As the database's owner, who sees every tenant's rows. */
  readonly databaseUrl: string;
  readonly pid: number;
}

/** What `npm start` ends with: where the product is, who answers in it, and a call that works when pasted. */
export function banner(details: DevelopmentDetails, settings: Settings, seconds: number): string {
  const { baseUrl, tenantId, environmentId, apiKey } = details;
  const providers = settings.providers.map(({ provider, keyName, apiKey, baseUrl }) => {
    const state =
      apiKey === null ? `SIMULATED; set ${keyName} for the real one` : `real: ${baseUrl ?? 'public endpoint'}`;
    return `  ${provider.padEnd(19)}${state}`;
  });
  return `
EUFM Orchestrator is ready (${seconds.toFixed(1)} s)

  URL          ${baseUrl}
  API docs     ${baseUrl}/docs
  Sign in      ${baseUrl}/v1/auth/login
  Tenant       ${tenantId}
  Environment  ${environmentId}
  API key      ${apiKey}
  More         ${settings.directory}/dev.json

Clients that you have, with the key above (docs/clients)
  OpenAI             base URL ${baseUrl}/v1
  Anthropic          base URL ${baseUrl}

Providers
${providers.join('\n')}

Try it
  curl ${baseUrl}/v1/orchestrate \\
    -H 'X-API-Key: ${apiKey}' \\
    -H 'X-Tenant-Id: ${tenantId}' \\
    -H 'Content-Type: application/json' \\
    -d '{"input":"Say hello in five languages."}'

Ctrl-C stops it.
`;
}
