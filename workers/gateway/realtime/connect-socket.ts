import { ENDINGS } from '../../../shared/contracts/event-socket.ts';
import type { AccessRefusal, Reader } from '../../../shared/contracts/events.ts';
import type { DomainError } from '../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../shared/errors/result.ts';
import type { AppContext } from '../app-context.ts';
import { ownOrigin } from '../identity/is-same-site.ts';
import { sentCredentials } from '../identity/sent-credentials.ts';
import { openHub } from './open-hub.ts';
import { watchAccess } from './watch-access.ts';

/** Codes that a closed socket may have and none may be closed with (RFC 6455, section 7.4.1). */
const RESERVED_CODES = [1004, 1005, 1006, 1015];

/**
 * Why a WebSocket may not be opened from where it comes; null when it may. A browser lets every page open one and sends its
 * cookies along, but says whose page it is: it must be of ours or of an origin that is configured. Without a page's word a
 * credential must come in a header, which no page can make a browser send.
 */
export function refuseOrigin(context: AppContext): DomainError | null {
  const origin = context.req.header('origin');
  const { corsOrigins } = context.get('ports').settings;
  if (origin !== undefined) {
    if (origin === ownOrigin(context) || corsOrigins.includes(origin)) return null;
    return { code: 'cross_site_request', detail: 'Pages of this origin may not open the socket.' };
  }
  const { authorization, key } = sentCredentials(context);
  if (authorization !== undefined || key !== undefined) return null;
  return { code: 'cross_site_request', detail: 'A session opens the socket from a page alone, which says its Origin.' };
}

/**
 * A client's WebSocket to the tenant's hub. A key's goes straight through, so that neither gateway nor hub is in memory
 * while nothing happens; a person's goes through here, where it is looked whether they may still read.
 */
export async function connectSocket(context: AppContext, reader: Reader): Promise<Result<WebSocket, DomainError>> {
  const opened = await openHub(context.get('ports'), context.get('tenant'), reader);
  if (!opened.ok) return err(opened.error);
  return ok(reader.actor.kind === 'user' ? passThrough(context, opened.value) : opened.value);
}

function passThrough(context: AppContext, hub: WebSocket): WebSocket {
  const { 0: outer, 1: client } = new WebSocketPair();
  const endWatch = watchAccess(context, (reason) => refuse(client, hub, reason));
  for (const [from, to] of [
    [client, hub],
    [hub, client],
  ] as const) {
    from.addEventListener('message', ({ data }) => {
      if (to.readyState === WebSocket.OPEN) to.send(data);
    });
    from.addEventListener('close', ({ code, reason }) => {
      endWatch();
      close(to, RESERVED_CODES.includes(code) ? 1000 : code, reason);
      close(from, RESERVED_CODES.includes(code) ? 1000 : code, reason);
    });
    from.addEventListener('error', () => {
      endWatch();
      close(to, ENDINGS.unavailable, 'unavailable');
    });
  }
  hub.accept();
  client.accept();
  return outer;
}

function refuse(client: WebSocket, hub: WebSocket, reason: AccessRefusal): void {
  client.send(JSON.stringify({ type: 'end', reason }));
  close(client, ENDINGS[reason], reason);
  close(hub, ENDINGS[reason], reason);
}

function close(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    // It is closed already.
  }
}
