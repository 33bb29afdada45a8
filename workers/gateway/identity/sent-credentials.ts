import type { AppContext } from '../app-context.ts';

/** What a request sends to say who asks, before anything of it is checked. */
export interface SentCredentials {
  readonly authorization: string | undefined;
  readonly bearer: string | undefined;
  /** An API key, from either header that may hold one. */
  readonly key: string | undefined;
}

export function sentCredentials(context: AppContext): SentCredentials {
  const authorization = context.req.header('authorization');
  const bearer = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  const key = context.req.header('x-api-key') ?? (bearer?.startsWith('eufm_') ? bearer : undefined);
  return { authorization, bearer, key };
}
