/** An account with a real vendor, from the environment. */
export interface LiveAccount {
  /** The name of its subject. */
  readonly name: string;
  readonly apiKey: string;
  readonly accessToken?: string;
  readonly baseUrl: string;
  readonly model?: string;
}

interface Variables {
  readonly name: string;
  /** The credential: `key` is an API key, `token` an OAuth access token. */
  readonly key?: string;
  readonly token?: string;
  /** Overrides the public endpoint; must be set where there is none. */
  readonly baseUrl: string;
  readonly publicUrl?: string;
  readonly model: string;
}

const VARIABLES: readonly Variables[] = [
  account('openai', 'OPENAI', 'https://api.openai.com/v1'),
  account('anthropic', 'ANTHROPIC', 'https://api.anthropic.com'),
  account('google', 'GEMINI', 'https://generativelanguage.googleapis.com'),
  {
    name: 'google on a Vertex AI host',
    token: 'VERTEX_ACCESS_TOKEN',
    baseUrl: 'VERTEX_BASE_URL',
    model: 'VERTEX_MODEL',
  },
  account('perplexity', 'PERPLEXITY', 'https://api.perplexity.ai'),
  account('mistral', 'MISTRAL', 'https://api.mistral.ai'),
  account('openai-compatible', 'OPENAI_COMPATIBLE'),
];

function account(name: string, prefix: string, publicUrl?: string): Variables {
  const variables = { key: `${prefix}_API_KEY`, baseUrl: `${prefix}_BASE_URL`, model: `${prefix}_MODEL` };
  return { name, ...variables, ...(publicUrl && { publicUrl }) };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The accounts that the environment has credentials for, and what is missing for the others. */
export function liveAccounts(environment: Environment): {
  readonly accounts: readonly LiveAccount[];
  readonly missing: readonly { readonly name: string; readonly variables: readonly string[] }[];
} {
  const found = VARIABLES.map((variables) => ({ variables, account: accountOf(variables, environment) }));
  return {
    accounts: found.flatMap(({ account }) => account ?? []),
    missing: found.flatMap(({ variables: { name, key, token, baseUrl, publicUrl }, account }) => {
      if (account) return [];
      const needed = [key, token, publicUrl === undefined ? baseUrl : undefined];
      return [{ name, variables: needed.filter((variable) => variable !== undefined) }];
    }),
  };
}

function accountOf(variables: Variables, environment: Environment): LiveAccount | undefined {
  const value = (variable: string | undefined) => (variable && environment[variable]) || undefined;
  const [apiKey, accessToken, model] = [value(variables.key), value(variables.token), value(variables.model)];
  const baseUrl = value(variables.baseUrl) ?? variables.publicUrl;
  if (baseUrl === undefined || (apiKey ?? accessToken) === undefined) return undefined;
  const optional = { ...(accessToken && { accessToken }), ...(model && { model }) };
  return { name: variables.name, apiKey: apiKey ?? '', baseUrl, ...optional };
}
