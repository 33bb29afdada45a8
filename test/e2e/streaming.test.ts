import { expect, it } from 'vitest';
import { PROVIDERS } from '../../shared/contracts/names.ts';
import { DEFAULT_MODELS } from '../../shared/providers/default-models.ts';
import { EventReader, terminalOf } from '../harness/event-stream.ts';
import { eventually } from '../harness/eventually.ts';
import { dataFolder, orchestrate, query, startProduct } from '../harness/product.ts';

/** These vendors tell usage unasked, which the simulator does only when it is asked. */
const UNTOLD = ['perplexity', 'mistral'];

it('streams from every provider over TCP, and records each at the usage that the provider told, or marked estimated', async () => {
  using folder = dataFolder();
  await using product = await startProduct(folder.path);
  const ids: string[] = [];
  for (const provider of PROVIDERS) {
    const providerPreferences = [{ provider, model: DEFAULT_MODELS[provider] ?? 'any-model' }];
    const response = await orchestrate(product.dev, { input: `hello ${provider}`, stream: true, providerPreferences });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const events = await new EventReader(response).rest();
    const text = events.filter(({ event }) => event === 'text.delta').map(({ data }) => data.text);
    const { event, data } = terminalOf(events);
    expect({ provider, event, data }).toMatchObject({
      provider,
      event: 'completed',
      data: {
        output: { message: { content: text.join('') }, finishReason: 'stop' },
        usage: UNTOLD.includes(provider) ? null : { outputTokens: expect.any(Number) },
      },
    });
    expect(text.length).toBeGreaterThan(1);
    expect(text.join('')).toContain('simulated');
    ids.push(String(data.requestId));
  }
  const find = () =>
    query<{ id: string; status: string }>(
      product.dev.databaseUrl,
      'select id, status from requests where id = any($1::uuid[])',
      [ids],
    );
  const rows = await eventually(find, (found) => found.length === ids.length);
  expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(ids));
  expect(rows.filter(({ status }) => status === 'estimated')).toHaveLength(UNTOLD.length);
});
