import { describe, expect, it } from 'vitest';
import { webhookSigningSecret } from '../../shared/crypto/seal-contexts.ts';
import { createLogger } from '../../shared/platform/logger.ts';
import { memoryGates } from '../../test/harness/kms/memory-gates.ts';
import { openKeyring } from '../providers/kms/open-keyring.ts';
import { SealBox } from '../providers/vault/seal-box.ts';
import { SECRET_KEPT_MS } from './constants.ts';
import { OpenedSecrets } from './opened-secrets.ts';

/** An isolate of the ledger beside a vault, whose clock the test turns. */
async function isolate() {
  const clock = { now: 1_000_000 };
  const { gate, openings } = memoryGates();
  const keys = { primary: 'k1', keys: { k1: Buffer.alloc(32, 1).toString('base64') } };
  const keyring = await openKeyring(JSON.stringify(keys), { fetch, now: () => new Date() });
  const logger = createLogger({ service: 'providers', level: 'error', write: () => {} });
  const vault = new SealBox({ keyring, gate, logger, now: () => clock.now });
  return { clock, openings, vault, secrets: new OpenedSecrets(() => clock.now) };
}

const mint = () => crypto.randomUUID();

describe('secrets that the ledger has opened', () => {
  it('are opened once in a minute', async () => {
    const { clock, openings, vault, secrets } = await isolate();
    const place = webhookSigningSecret(mint(), mint());
    const sealed = await vault.seal(place, 'whsec_a');
    for (const opened of [1, 1, 2]) {
      expect(await secrets.open(vault, place, sealed)).toEqual({ ok: true, value: 'whsec_a' });
      expect(openings).toHaveLength(opened);
      clock.now += SECRET_KEPT_MS / 2 + 1;
    }
  });

  it('S1: are refused in another row or at another tenant, while they are kept too', async () => {
    const { vault, secrets } = await isolate();
    const [tenantId, other] = [mint(), mint()];
    const place = webhookSigningSecret(tenantId, mint());
    const sealed = await vault.seal(place, 'whsec_a');
    await vault.seal(webhookSigningSecret(other, mint()), 'whsec_b'); // so that the other has a key
    expect((await secrets.open(vault, place, sealed)).ok).toBe(true);
    for (const moved of [webhookSigningSecret(tenantId, mint()), webhookSigningSecret(other, place.rowId)]) {
      expect(await secrets.open(vault, moved, sealed)).toMatchObject({ ok: false });
    }
    expect((await secrets.open(vault, place, sealed)).ok, 'control: in its own place it opens').toBe(true);
  });

  it('are not kept where they were refused', async () => {
    const { vault, secrets } = await isolate();
    const place = webhookSigningSecret(mint(), mint());
    const sealed = await vault.seal(place, 'whsec_a');
    const away = { open: async () => ({ ok: false, error: { reason: 'unavailable' } }) as const };
    expect(await secrets.open(away, place, sealed)).toMatchObject({ ok: false });
    expect(await secrets.open(vault, place, sealed)).toMatchObject({ ok: true });
  });
});
