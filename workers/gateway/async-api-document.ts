import * as z from 'zod';
import { clientMessage, serverMessage } from '../../shared/contracts/event-socket.ts';
import { SESSION_COOKIE } from './identity/cookies.ts';

const SUMMARIES: Readonly<Record<string, string>> = {
  subscribe: 'Asks for events; replaces the subscription of the same id.',
  unsubscribe: 'Asks for the events of a subscription no more.',
  ping: 'Shows that the client is there. At least one in half an hour.',
  ack: 'Everything up to a place was read.',
  ready: 'The connection stands.',
  events: 'Events, in their order. With `ackAfter`, the client is to send `ack` with that place once it has read them.',
  reset: 'What was between is not kept any more; it goes on after `sequence`.',
  subscribed: 'The subscription holds from now on.',
  unsubscribed: 'The subscription holds no more.',
  pong: 'The answer to a `ping`.',
  error: 'A message that was not understood, or cannot be done. The connection goes on.',
  end: 'The last message: why the connection is closed.',
};

const SECURITY_SCHEMES = {
  apiKey: { type: 'httpApiKey', in: 'header', name: 'X-API-Key', description: 'For services and SDKs.' },
  accessToken: { type: 'http', scheme: 'bearer', description: 'An OIDC access token (RFC 9068), for people.' },
  session: {
    ...{ type: 'httpApiKey', in: 'cookie', name: SESSION_COOKIE },
    description: 'The session of a browser, with a page of this origin or one that is configured.',
  },
} as const;

/** The description (AsyncAPI 3.0) of `GET /v1/events/ws`, from the schemas that its messages are checked with. */
export function asyncApiDocument() {
  const fromClients = messagesOf(clientMessage.options, 'input');
  const fromUs = messagesOf(serverMessage.options, 'output');
  const messages = { ...fromClients, ...fromUs };
  const refsTo = (names: object) => Object.keys(names).map((name) => ({ $ref: `#/channels/events/messages/${name}` }));
  const security = Object.keys(SECURITY_SCHEMES).map((name) => ({ $ref: `#/components/securitySchemes/${name}` }));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'EUFM Orchestrator: events',
      version: '1.0.0',
      description:
        'What happens in a tenant, as it happens: in one order, without a gap. The same events as Server-Sent Events: `GET /v1/events`.',
      license: { name: 'Proprietary', url: 'https://eufm.example/terms' },
    },
    servers: {
      eu: { host: 'eu.events.eufm.example', protocol: 'wss', description: 'European Union' },
      us: { host: 'us.events.eufm.example', protocol: 'wss', description: 'United States' },
    },
    channels: {
      events: {
        address: '/v1/events/ws',
        description:
          'A key goes in `X-API-Key`, its tenant in `X-Tenant-Id`. A session’s page names the tenant in the query.',
        messages: Object.fromEntries(
          Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
        ),
      },
    },
    operations: {
      receiveFromClients: {
        action: 'receive',
        summary: 'What clients may send',
        security,
        channel: { $ref: '#/channels/events' },
        messages: refsTo(fromClients),
      },
      sendToClients: {
        action: 'send',
        summary: 'What clients are sent',
        security,
        channel: { $ref: '#/channels/events' },
        messages: refsTo(fromUs),
      },
    },
    components: { messages, securitySchemes: SECURITY_SCHEMES },
  };
}

interface Typed {
  readonly shape: { readonly type: z.ZodLiteral };
}

function messagesOf(options: readonly (z.ZodType & Typed)[], io: 'input' | 'output') {
  return Object.fromEntries(
    options.map((option) => {
      const name = String(option.shape.type.value);
      const { $schema: _, ...schema } = z.toJSONSchema(option, { target: 'draft-7', io });
      const payload = { schemaFormat: 'application/schema+json;version=draft-07', schema };
      return [name, { name, title: name, summary: SUMMARIES[name], contentType: 'application/json', payload }];
    }),
  );
}
