import type { Mail } from './mailer.ts';

/** What somebody who is invited reads. */
export function invitationMail({
  to,
  tenantName,
  link,
  expiresAt,
}: {
  readonly to: string;
  readonly tenantName: string;
  readonly link: string;
  readonly expiresAt: string;
}): Mail {
  return {
    to,
    subject: `Join ${tenantName}`,
    text: [
      `You are invited to join ${tenantName}.`,
      '',
      'Sign in with this e-mail address and accept:',
      link,
      '',
      `The invitation holds until ${expiresAt.slice(0, 10)}. If you do not expect it, there is nothing to do.`,
      '',
    ].join('\n'),
  };
}
