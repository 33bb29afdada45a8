import { expect, it } from 'vitest';
import { liveAccounts } from './live-accounts.ts';
import { SUBJECTS } from './subjects.ts';

it('every subject has an account, and none is found in an empty environment', () => {
  const { accounts, missing } = liveAccounts({});
  expect(accounts).toEqual([]);
  expect(missing.map(({ name }) => name)).toEqual(SUBJECTS.map(({ name }) => name));
  expect(missing[0]).toEqual({ name: 'openai', variables: ['OPENAI_API_KEY'] });
});

it('an account is its credential, and its address where the vendor has none of its own', () => {
  const environment = {
    ...{ OPENAI_API_KEY: 'k', OPENAI_MODEL: 'm', ANTHROPIC_API_KEY: '' },
    ...{ OPENAI_COMPATIBLE_API_KEY: 'k', VERTEX_ACCESS_TOKEN: 't', VERTEX_BASE_URL: 'https://host/v1/projects/p' },
  };
  const { accounts, missing } = liveAccounts(environment);
  expect(accounts).toEqual([
    { name: 'openai', apiKey: 'k', baseUrl: 'https://api.openai.com/v1', model: 'm' },
    {
      name: 'google on a Vertex AI host',
      apiKey: '',
      accessToken: 't',
      baseUrl: 'https://host/v1/projects/p',
    },
  ]);
  expect(missing).toContainEqual({
    name: 'openai-compatible',
    variables: ['OPENAI_COMPATIBLE_API_KEY', 'OPENAI_COMPATIBLE_BASE_URL'],
  });
});
