import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSignedWebhook } from '../../test/harness/verify-webhook.ts';
import { newWebhookSecret, signWebhook } from './webhook-signature.ts';

const PAYLOADS = 1_000;
/** The secret of the test vector, without its prefix. */
const VECTOR = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

describe('W1: a message to a webhook', () => {
  it('is signed as in the test vector of the reference implementations', async () => {
    const message = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      sentAt: new Date(1_614_265_330_000),
      body: '{"test": 2432232314}',
    };
    expect(await signWebhook([`whsec_${VECTOR}`], message)).toEqual({
      'webhook-id': message.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it(`is taken by a receiver that knows the specification alone, ${PAYLOADS} of ${PAYLOADS}, and none with a bit changed`, async () => {
    const secret = newWebhookSecret();
    const bodies = fc.sample(fc.string({ unit: 'grapheme', minLength: 1 }), { numRuns: PAYLOADS, seed: 20_261_130 });
    for (const [at, body] of bodies.entries()) {
      const headers = await signWebhook([secret], { id: `m-${at}`, sentAt: new Date(), body });
      expect(isSignedWebhook(secret, headers, body)).toBe(true);
      const bytes = Buffer.from(body);
      bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << (at % 7));
      expect(isSignedWebhook(secret, headers, bytes.toString())).toBe(false);
      expect(isSignedWebhook(secret, { ...headers, 'webhook-id': 'other' }, body)).toBe(false);
      expect(isSignedWebhook(newWebhookSecret(), headers, body)).toBe(false);
    }
  });

  it('is taken by who has any of the secrets that it is signed by, and by nobody else', async () => {
    const [old, current, other] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()];
    const message = { id: 'm', sentAt: new Date(), body: 'während des Wechsels' };
    const headers = await signWebhook([current, old], message);
    expect([old, current, other].map((secret) => isSignedWebhook(secret, headers, message.body))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('has no signature by what is no secret, and no two secrets are the same', async () => {
    const message = { id: 'm', sentAt: new Date(), body: '' };
    await expect(signWebhook([VECTOR], message)).rejects.toThrow('not the secret');
    await expect(signWebhook(['whsec_?'], message)).rejects.toThrow('not the secret');
    expect(newWebhookSecret()).not.toBe(newWebhookSecret());
  });
});
