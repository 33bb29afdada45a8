import type { Conversation, Said } from './conversation.ts';
import { canonicalJson, normalize } from './conversation.ts';
import type { Case, Received } from './dialects.ts';
import { type Provider, type Send, toChatRequest } from './providers.ts';
import { platformRules } from './rules/platform.ts';

/** Checks a conversation against each provider. Throws an error that says what was lost, or warned of for nothing. */
export async function checkRoundTrip(conversation: Case, providers: readonly Provider[], send: Send): Promise<void> {
  const received = conversation.receive();
  for (const provider of providers) await checkProvider(conversation, received, provider, send);
}

async function checkProvider(conversation: Case, received: Received, provider: Provider, send: Send): Promise<void> {
  const { body, warnings } = await send(provider, toChatRequest(received.input));
  const { due, expected } = expect(conversation, provider);
  const back = provider.read(body);
  const actual = comparable(back.conversation, provider);
  if (actual !== expected) fail(provider, conversation, 'is told', expected, actual);
  if (back.beside.size > 0) fail(provider, conversation, 'is told beside', '[]', canonicalJson([...back.beside]));
  const told = [...received.warnings, ...received.unsaid, ...warnings];
  const missing = [...due].filter((phrase) => !told.some((warning) => warning.includes(phrase)));
  if (missing.length > 0) fail(provider, conversation, 'lacks warnings', canonicalJson(missing), canonicalJson(told));
  const needless = told.filter((warning) => ![...due].some((phrase) => warning.includes(phrase)));
  if (needless.length > 0) fail(provider, conversation, 'has needless warnings', '[]', canonicalJson(needless));
}

function expect(conversation: Case, provider: Provider): { readonly due: Set<string>; readonly expected: string } {
  const reading = conversation.read();
  const due = new Set(reading.beside);
  const said = platformRules(normalize(reading.conversation), due);
  return { due, expected: comparable(provider.rules(said, due), provider) };
}

function comparable(conversation: Conversation, { hasOwnIds = false }: Provider): string {
  const { said, settings } = normalize(conversation);
  return canonicalJson({ said: hasOwnIds ? numbered(said) : said, settings });
}

/** Calls by their place instead of their id, where the vendor may be told another: a result still meets its call. */
function numbered(said: readonly Said[]): Said[] {
  const places = new Map<string, string>();
  return said.map((thing, index): Said => {
    if (thing.by === 'call') places.set(thing.id, String(index));
    return thing.by === 'call' || thing.by === 'tool' ? { ...thing, id: places.get(thing.id) ?? 'no call' } : thing;
  });
}

function fail({ name }: Provider, { body }: Case, what: string, expected: string, actual: string): never {
  throw new Error(`${name} ${what}\n${actual}\ninstead of\n${expected}\nof\n${JSON.stringify(body)}`);
}
