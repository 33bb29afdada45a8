import * as z from 'zod';
import { eventFilter, publicEvent } from './events.ts';

/** Longest message of a client, in characters; a longer one ends its connection. */
export const MOST_MESSAGE_LENGTH = 4_096;

/** Subscriptions that one connection may have. */
export const MOST_SUBSCRIPTIONS = 8;

/** The name of the subscription that a connection begins with, made of its query. */
export const FIRST_SUBSCRIPTION = 'default';

const subscriptionId = z
  .string()
  .regex(/^[\w-]{1,32}$/)
  .default(FIRST_SUBSCRIPTION);

/** What a client may send. */
export const clientMessage = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('subscribe'),
    /** Names the subscription; one of the same name is replaced. */
    id: subscriptionId,
    ...eventFilter.shape,
    /** Begin after this place; only for a connection that has no other subscription. */
    cursor: z.int().nonnegative().exactOptional(),
  }),
  z.strictObject({ type: z.literal('unsubscribe'), id: subscriptionId }),
  z.strictObject({ type: z.literal('ping') }),
  /** Everything up to this place was read. */
  z.strictObject({ type: z.literal('ack'), sequence: z.int().nonnegative() }),
]);
export type ClientMessage = z.infer<typeof clientMessage>;

/** Exactly this text is answered without waking the hub. */
export const PING = '{"type":"ping"}';
export const PONG = '{"type":"pong"}';

export const SOCKET_ERRORS = [
  'invalid_message',
  'too_many_subscriptions',
  'cursor_not_possible',
  'environment_mismatch',
] as const;
export type SocketError = (typeof SOCKET_ERRORS)[number];

/** Why a connection ended, as the last message and the close code say. */
export const ENDINGS = {
  /** The credential is not valid any more: revoked, expired, or its session has ended. */
  unauthenticated: 4401,
  /** It lacks `events:read` by now, or may not be used from this address. */
  permission_denied: 4403,
  tenant_suspended: 4404,
  /** It was as old as a connection may be: connect again, after the last event. */
  lifetime: 4410,
  /** Nothing came for long. */
  idle: 4411,
  /** Too much was sent that the client did not acknowledge. */
  slow_reader: 4412,
  /** The client sent more messages than it may. */
  flood: 4429,
  /** A message was longer than it may be. */
  too_large: 1009,
  /** The hub cannot be reached, or begins anew. */
  unavailable: 4503,
  /** Everything that there is was read, and no more was asked for. */
  caught_up: 4200,
} as const;
export type Ending = keyof typeof ENDINGS;
export const endingName = z.enum(Object.keys(ENDINGS) as [Ending, ...Ending[]]);

/** What a hub sends. */
export const serverMessage = z.discriminatedUnion('type', [
  /** The connection stands. Everything up to `sequence` is past. */
  z.object({ type: z.literal('ready'), sequence: z.int().nonnegative() }),
  z.object({
    type: z.literal('events'),
    events: z.array(publicEvent),
    /** Send `ack` with this place once all of it was read. */
    ackAfter: z.int().positive().exactOptional(),
  }),
  /** What was between is not kept any more: goes on after `sequence`. */
  z.object({ type: z.literal('reset'), sequence: z.int().nonnegative() }),
  z.object({ type: z.literal('subscribed'), id: z.string() }),
  z.object({ type: z.literal('unsubscribed'), id: z.string() }),
  z.object({ type: z.literal('pong') }),
  z.object({ type: z.literal('error'), code: z.enum(SOCKET_ERRORS), detail: z.string() }),
  /** The last message. Everything up to `sequence` was sent. */
  z.object({ type: z.literal('end'), reason: endingName, sequence: z.int().nonnegative().exactOptional() }),
]);
export type ServerMessage = z.infer<typeof serverMessage>;
