import type * as z from 'zod';
import { eventHub } from '../../durable-objects/stubs.ts';
import type { clientMessage, ServerMessage } from '../../shared/contracts/event-socket.ts';
import {
  type HubAnswer,
  hubAnswer,
  type PublicEvent,
  READER_HEADER,
  type Reader,
  type Told,
} from '../../shared/contracts/events.ts';
import type { BudgetThresholdReached } from '../../shared/contracts/queues.ts';
import { type TestTenant, testEnv } from './mint-tenant.ts';

/** A sender that no gate of the tenant is. */
const PLAYED_SENDER = 99;

/** What tells a tenant's hub of something, as its gates do. */
export class PlayedSender {
  readonly #tenantId: string;
  readonly #sender: number;
  #next = 1;

  constructor({ tenantId }: Pick<TestTenant, 'tenantId'>, sender = PLAYED_SENDER) {
    this.#tenantId = tenantId;
    this.#sender = sender;
  }

  /** Tells of so many alerts in one call, each of about so many bytes. Answers the call, to be made again. */
  async tell(count: number, bytes = 0): Promise<() => Promise<unknown>> {
    const told: Told[] = Array.from({ length: count }, () => ({
      ...{ kind: 'recorded', events: [anAlert(bytes)], begun: [] },
    }));
    const batch = { sender: this.#sender, first: this.#next, told: JSON.stringify(told) };
    this.#next += count;
    const call = () => eventHub(testEnv, this.#tenantId).take(batch);
    await call();
    return call;
  }
}

function anAlert(bytes: number): BudgetThresholdReached {
  return {
    ...{ type: 'budget.threshold_reached', eventId: crypto.randomUUID(), budgetId: crypto.randomUUID() },
    ...{ budgetName: 'x'.repeat(bytes), threshold: 50, periodStart: 0 },
    ...{ capPicoUsd: '2', spentPicoUsd: '1', reachedAt: Date.now() },
  };
}

/** A socket to a hub, and what came over it. */
export class HubSocket {
  readonly socket: WebSocket;
  readonly messages: ServerMessage[] = [];
  /** Characters that came. */
  length = 0;
  closed: { readonly code: number } | null = null;
  /** Acknowledges what it is asked to. */
  acknowledges = true;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const text = String(data);
      const message: ServerMessage = JSON.parse(text);
      this.messages.push(message);
      this.length += text.length;
      if (message.type === 'events' && message.ackAfter !== undefined && this.acknowledges) {
        this.send({ type: 'ack', sequence: message.ackAfter });
      }
    });
    socket.addEventListener('close', ({ code }) => {
      this.closed = { code };
    });
    socket.accept();
  }

  get events(): PublicEvent[] {
    return this.messages.flatMap((message) => (message.type === 'events' ? message.events : []));
  }

  get sequences(): number[] {
    return this.events.map(({ sequence }) => sequence);
  }

  /** What it was told beside events, by their kinds. */
  get words(): string[] {
    return this.messages.filter(({ type }) => type !== 'events').map((message) => wordOf(message));
  }

  send(message: z.input<typeof clientMessage> | string | ArrayBuffer): void {
    const isRaw = typeof message === 'string' || message instanceof ArrayBuffer;
    this.socket.send(isRaw ? message : JSON.stringify(message));
  }
}

function wordOf(message: ServerMessage): string {
  if (message.type === 'end') return `end ${message.reason}`;
  return message.type === 'error' ? `error ${message.code}` : message.type;
}

/** A reader of everything, with a tenant's key. */
export function readerWith({ apiKeyId }: TestTenant, more: Partial<Reader> = {}): Reader {
  return {
    ...{ v: 1, actor: { kind: 'api_key', apiKeyId, address: null }, via: 'direct', filters: { default: {} } },
    ...{ within: null, cursor: null, follows: true, until: Date.now() + 3_600_000, ...more },
  };
}

/** Asks one of a tenant's hubs for a socket, as a gateway does. */
export async function askHub(
  { tenantId }: TestTenant,
  reader: Reader,
  { shard = 0, mostInOne = 5_000, mostConnections = 10_000 } = {},
): Promise<HubSocket | HubAnswer> {
  const headers = { upgrade: 'websocket', [READER_HEADER]: JSON.stringify({ reader, mostConnections, mostInOne }) };
  const response = await eventHub(testEnv, tenantId, shard).fetch('https://hub/', { headers });
  return response.webSocket ? new HubSocket(response.webSocket) : hubAnswer.parse(await response.json());
}

/** The same, which must be taken by that hub. */
export async function openHubSocket(tenant: TestTenant, more: Partial<Reader> = {}, shard = 0): Promise<HubSocket> {
  const opened = await askHub(tenant, readerWith(tenant, more), { shard });
  if (!(opened instanceof HubSocket)) throw new Error(JSON.stringify(opened));
  return opened;
}

/** Numbers from one to another. */
export function upTo(last: number, first = 1): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}
