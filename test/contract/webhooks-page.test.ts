import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { newWebhookSecret, signWebhook } from '../../shared/crypto/webhook-signature.ts';
import { DELIVERY_PAUSES_MS, MOST_DELIVERY_ATTEMPTS } from '../../shared/domain/webhooks/next-try.ts';

const page = readFileSync('docs/webhooks.md', 'utf8');
const SENT_AT = Date.UTC(2026, 10, 30);
const BODY = JSON.stringify({ type: 'task.updated', data: { note: 'naïve ✓' } });

type ReadWebhook = (secret: string, headers: Record<string, string>, body: string, now: number) => unknown;

/** The page's own example, as a reader would copy it. */
async function example(): Promise<ReadWebhook> {
  const code = /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const { readWebhook } = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`);
  return readWebhook;
}

describe('the example of docs/webhooks.md', () => {
  it.each([
    [-301, 'refused'],
    [-299, 'accepted'],
    [0, 'accepted'],
    [299, 'accepted'],
    [301, 'refused'],
  ])('W2: a message of %i seconds ago is %s', async (seconds, outcome) => {
    const [readWebhook, secret] = [await example(), newWebhookSecret()];
    const headers = await signWebhook([secret], { id: 'm', sentAt: new Date(SENT_AT), body: BODY });
    const read = () => readWebhook(secret, headers, BODY, SENT_AT + seconds * 1_000);
    if (outcome === 'accepted') expect(read()).toEqual(JSON.parse(BODY));
    else expect(read).toThrow('too old, or too new');
  });

  it('refuses what is changed, or not signed by the secret, and takes either of two while one is replaced', async () => {
    const [readWebhook, old, current] = [await example(), newWebhookSecret(), newWebhookSecret()];
    const headers = await signWebhook([current, old], { id: 'm', sentAt: new Date(SENT_AT), body: BODY });
    for (const secret of [old, current]) expect(readWebhook(secret, headers, BODY, SENT_AT)).toEqual(JSON.parse(BODY));
    const refused = [
      () => readWebhook(newWebhookSecret(), headers, BODY, SENT_AT),
      () => readWebhook(old, headers, `${BODY} `, SENT_AT),
      () => readWebhook(old, { ...headers, 'webhook-id': 'other' }, BODY, SENT_AT),
      () => readWebhook(old, { ...headers, 'webhook-timestamp': `${SENT_AT / 1_000 + 1}` }, BODY, SENT_AT),
    ];
    for (const read of refused) expect(read).toThrow('not signed by this secret');
    expect(() => readWebhook(old, { ...headers, 'webhook-timestamp': 'none' }, BODY, SENT_AT)).toThrow('too old');
  });
});

it('the page tells the pauses and attempts that there are', () => {
  const MINUTE = 60_000;
  const minutes = DELIVERY_PAUSES_MS.map((pause) => pause / MINUTE);
  expect(minutes).toEqual([0.5, 5, 30, 120, 300, 480, 720]);
  expect(MOST_DELIVERY_ATTEMPTS).toBe(8);
  expect(page).toContain('after about 30 seconds, 5 and 30 minutes, 2, 5, 8 and 12 hours');
  expect(page).toContain('eight attempts over at least 27 hours');
});
