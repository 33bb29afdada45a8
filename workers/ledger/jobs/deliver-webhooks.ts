import {
  deliverTo,
  type Endpoint,
  listDueEndpoints,
  type WebhookPorts,
} from '../../../shared/services/deliver-webhooks.ts';

/** How long one run begins new deliveries. */
const RUN_MS = 20_000;
/** Endpoints that are sent to at once: what waits for an answer is a connection, of which an invocation has six. */
const AT_ONCE = 5;
/** Deliveries of one endpoint before others have their turn. */
const MOST_IN_TURN = 20;

export interface DeliveryRun {
  /** Whose deliveries; null: everybody's. */
  readonly tenantIds: readonly string[] | null;
  readonly atOnce?: number;
}

/**
 * Sends the deliveries that are due. An endpoint has one place of several, whatever it has waiting; one that does not answer
 * has that place for one attempt and is then left alone for the rest of the run. What is left comes with the next run.
 */
export async function deliverWebhooks(
  ports: WebhookPorts,
  { tenantIds, atOnce = AT_ONCE }: DeliveryRun,
): Promise<void> {
  const end = ports.now().getTime() + RUN_MS;
  const line = new EndpointLine((except) => listDueEndpoints(ports, tenantIds, except));
  const lane = async () => {
    for (let next = await line.next(); next && ports.now().getTime() < end; next = await line.next()) {
      line.release(next, await turnOf(ports, next));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

/** If the endpoint is to be left alone for the rest of the run. */
async function turnOf(ports: WebhookPorts, to: Endpoint): Promise<boolean> {
  try {
    return (await deliverTo(ports, to, MOST_IN_TURN)) === 'rests';
  } catch (error) {
    ports.logger.error('webhook.turn_failed', { ...to, error });
    return true;
  }
}

/** The endpoints of a run, each of which is with one lane at a time. */
class EndpointLine {
  readonly #list: (except: readonly Endpoint[]) => Promise<Endpoint[]>;
  /** With a lane, or left alone. */
  readonly #taken = new Map<string, Endpoint>();
  #waiting: Endpoint[] = [];
  #listing: Promise<void> | null = null;

  constructor(list: (except: readonly Endpoint[]) => Promise<Endpoint[]>) {
    this.#list = list;
  }

  /** Undefined: nothing more is due. */
  async next(): Promise<Endpoint | undefined> {
    if (this.#waiting.length === 0) await this.#refill();
    const next = this.#waiting.shift();
    if (next) this.#take(next);
    return next;
  }

  release({ tenantId, endpoint }: Endpoint, rests: boolean): void {
    if (!rests) this.#taken.delete(`${tenantId}/${endpoint}`);
  }

  #take(next: Endpoint): void {
    const { tenantId, endpoint } = next;
    this.#taken.set(`${tenantId}/${endpoint}`, next);
  }

  #refill(): Promise<void> {
    this.#listing ??= this.#list([...this.#taken.values()])
      .then((found) => {
        this.#waiting = found.filter(({ tenantId, endpoint }) => !this.#taken.has(`${tenantId}/${endpoint}`));
      })
      .finally(() => {
        this.#listing = null;
      });
    return this.#listing;
  }
}
