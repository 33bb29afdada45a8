import { LogLevel, WorkerMailer } from 'worker-mailer';
import type { Mailer } from './mailer.ts';

const TIMEOUT_MS = 5_000;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465 };

/**
 * Sends mail by SMTP (RFC 5321) with a connection per message. The address is
 * `smtp(s)://user:password@host:port?from=sender@example.com`: `smtps` speaks TLS from the start, `smtp` upgrades to it
 * where the server can. Throws when it is malformed.
 */
export function createSmtpMailer(address: string): Mailer {
  const { protocol, hostname, port, username, password, searchParams } = new URL(address);
  const from = searchParams.get('from');
  const defaultPort = DEFAULT_PORTS[protocol];
  if (defaultPort === undefined || !from) throw new Error('SMTP_URL must be smtp(s)://…?from=…');
  const isTls = protocol === 'smtps:';
  const credentials = { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  const options = {
    host: hostname,
    port: Number(port) || defaultPort,
    ...{ secure: isTls, startTls: !isTls, logLevel: LogLevel.NONE },
    ...{ socketTimeoutMs: TIMEOUT_MS, responseTimeoutMs: TIMEOUT_MS },
    ...(username !== '' && { credentials, authType: ['plain' as const, 'login' as const] }),
  };
  return {
    async send({ to, subject, text }) {
      try {
        await WorkerMailer.send(options, { from, to, subject: subject.replaceAll(/\p{Cc}+/gu, ' '), text });
      } catch (error) {
        // What the server answers names the recipient, which no log is to have.
        const code = /\b[45]\d\d\b/.exec(String(error))?.[0] ?? 'nothing';
        throw new Error(`the mail server answered ${code}`);
      }
    },
  };
}
