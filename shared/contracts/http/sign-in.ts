import { z } from '@hono/zod-openapi';

const RETURN_TO_MAX_LENGTH = 512;

/** A path of this site: nothing that a browser would read as another host. */
const ownPath = z
  .string()
  .max(RETURN_TO_MAX_LENGTH)
  .regex(/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/, 'must be a path of this site');

const reference = {
  tenantId: z.uuid().optional().openapi({ description: 'The tenant whose own identity provider it is.' }),
  provider: z.uuid().optional().openapi({ description: 'Its id. Absent: the platform’s.' }),
};

const NAMES_BOTH = [
  ({ tenantId, provider }: { tenantId?: string | undefined; provider?: string | undefined }) =>
    (tenantId === undefined) === (provider === undefined),
  { error: 'a tenant’s own identity provider is named by tenantId and provider together' },
] as const;

export const signInQuery = z
  .strictObject({
    ...reference,
    returnTo: ownPath
      .default('/v1/me')
      .openapi({ description: 'Where the browser goes afterwards: a path of this site.' }),
  })
  .refine(...NAMES_BOTH);

export const logoutNoticeQuery = z.strictObject(reference).refine(...NAMES_BOTH);

export const signedOut = z
  .object({
    endSessionUrl: z.url().nullable().openapi({
      description:
        'Where to send the browser to be signed out at the identity provider too (OpenID Connect RP-Initiated Logout 1.0); null: it has no such place.',
    }),
  })
  .openapi('SignedOut');
