import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { findFreePort } from './free-port.ts';

const HOST = '127.0.0.1';

export interface ReceivedMail {
  readonly to: readonly string[];
  readonly from: string;
  readonly subject: string;
  readonly text: string;
}

export interface MailServer {
  /** Where to send mail: an SMTP server on loopback, which takes all but what is for `refused@…`. */
  readonly smtpUrl: string;
  /** Answers `GET ?to=` with the mails that an address was sent, as JSON. */
  readonly inboxUrl: string;
  close(): Promise<void>;
}

/** A real SMTP server on loopback, whose mails a test can read. */
export async function startMailServer(): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  const [smtpPort, inboxPort] = [await findFreePort(), await findFreePort()];
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: ({ address }, _session, callback) =>
      callback(address.startsWith('refused@') ? new Error('no such mailbox') : undefined),
    onData: (stream, { envelope }, callback) => {
      void keep(
        stream,
        envelope.rcptTo.map(({ address }) => address),
      ).then(() => callback(), callback);
    },
  });
  const keep = async (stream: NodeJS.ReadableStream, to: string[]) => {
    const { from, subject = '', text: body = '' } = await PostalMime.parse(await text(stream));
    received.push({ to, from: from?.address ?? '', subject, text: body });
  };
  await new Promise<void>((resolve) => smtp.listen(smtpPort, HOST, () => resolve()));
  const inbox = createServer((request, response) => {
    const to = new URL(request.url ?? '', `http://${HOST}`).searchParams.get('to') ?? '';
    response.end(JSON.stringify(received.filter((mail) => mail.to.includes(to))));
  });
  inbox.listen(inboxPort, HOST);
  await once(inbox, 'listening');
  return {
    smtpUrl: `smtp://${HOST}:${smtpPort}?from=no-reply@eufm.example`,
    inboxUrl: `http://${HOST}:${inboxPort}`,
    close: async () => {
      inbox.close();
      inbox.closeAllConnections();
      await new Promise<void>((resolve) => smtp.close(() => resolve()));
    },
  };
}
