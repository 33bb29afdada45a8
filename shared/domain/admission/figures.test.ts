import { describe, expect, it } from 'vitest';
import { BUDGET, budget, tenantWith, USD } from '../../../test/harness/admission-tenant.ts';
import { BookPlayer, type Held, leaseIdOf } from '../../../test/harness/book-player.ts';
import { seededRandom } from '../../../test/harness/seeded-random.ts';
import { AdmissionBook, LEASE_TTL_MS } from './admission-book.ts';
import { counterKey } from './counter.ts';

const MONEY = `${BUDGET}:picoUsd`;
const CAP = 100n * USD;
const tenant = tenantWith({ budgets: [budget({ amountPicoUsd: `${CAP}` })] });

/** A book that is built anew without what leases have, before each of its commands. */
function forgetLeases(player: BookPlayer): void {
  const counters = player.store.read().counters;
  const forgotten = [...counters].map((counter) => ({ ...counter, out: 0n }));
  player.book = new AdmissionBook(
    player.store,
    { counters: forgotten, leases: player.store.read().leases },
    () => 'id',
  );
}

describe('L4: 10,000 concurrent reservations of random size against 100 USD', () => {
  function overshoot(disturb: (player: BookPlayer) => void): { most: bigint; refused: number } {
    const player = new BookPlayer(tenant);
    const random = seededRandom(4);
    const open: Held[] = [];
    let [held, settled, most, refused] = [0n, 0n, 0n, 0];
    for (let asked = 0; asked < 10_000; asked++) {
      disturb(player);
      const amount = BigInt(Math.floor(random() * 1e12));
      const one = player.hold(amount, leaseIdOf(Math.floor(random() * 8))).held;
      if (one) {
        open.push(one);
        held += amount;
      } else refused += 1;
      if (random() < 0.4 && open.length > 0) {
        const [ended] = open.splice(Math.floor(random() * open.length), 1);
        if (!ended) continue;
        disturb(player);
        const cost = BigInt(Math.floor(random() * Number(ended.picoUsd)));
        player.settle(ended, cost);
        held -= ended.picoUsd;
        settled += cost;
      }
      if (held + settled > most) most = held + settled;
    }
    return { most, refused };
  }

  it('holds and settles no more than 100 USD at any commit, and refuses the rest', () => {
    const { most, refused } = overshoot(() => {});
    expect(most <= CAP).toBe(true);
    expect(most > (CAP * 99n) / 100n).toBe(true);
    expect(refused).toBeGreaterThan(5_000);
  });

  it('control: a book that forgets its leases passes it', () => {
    expect(overshoot(forgetLeases).most > CAP).toBe(true);
  });
});

describe('M2: 10,000 random operations', () => {
  /** What does not add up after each operation, from the store alone. */
  function drift(seed: number, forgets: boolean): string[] {
    const player = new BookPlayer(tenant);
    const random = seededRandom(seed);
    const pick = <T>(list: T[]) => list.splice(Math.floor(random() * list.length), 1)[0];
    const found: string[] = [];
    let open: Held[] = [];
    const lost: Held[] = [];
    let [spent, cap] = [0n, CAP];
    for (let step = 0; step < 10_000; step++) {
      const kind = random();
      if (kind < 0.45) {
        const leaseId = leaseIdOf(Math.floor(step / 500) * 8 + Math.floor(random() * 8));
        const { held } = player.hold(BigInt(Math.floor(random() * 1e11)), leaseId);
        if (held) open.push(held);
      } else if (kind < 0.8) {
        const one = pick(open);
        const cost = one ? BigInt(Math.floor(random() * 2 * Number(one.picoUsd))) : 0n;
        if (one) player.settle(one, cost);
        if (one) spent += cost < one.picoUsd ? cost : one.picoUsd;
      } else if (kind < 0.9) {
        const one = pick(open);
        if (one) player.cancel(one);
      } else if (kind < 0.92) {
        const one = pick(lost);
        const cost = one ? BigInt(Math.floor(random() * Number(one.picoUsd))) : 0n;
        if (one) player.settle(one, cost);
        if (one) spent += cost - one.picoUsd;
      } else if (kind < 0.922) {
        player.expireAfter(LEASE_TTL_MS);
        for (const { picoUsd } of open) spent += picoUsd;
        lost.push(...open);
        open = [];
      } else if (kind < 0.93) {
        cap += BigInt(Math.floor(random() * 1e12));
        player.snapshot = tenantWith({ configVersion: step, budgets: [budget({ amountPicoUsd: `${cap}` })] });
      } else player.rebuild();
      if (forgets && step === 5_000) forgetLeases(player);
      const out = open.reduce((sum, { picoUsd }) => sum + picoUsd, 0n);
      const counter = player.store.counters.get(counterKey(MONEY, 0));
      const kept = [...player.store.leases.values()]
        .filter(({ isExpired }) => !isExpired)
        .reduce((sum, { amounts }) => sum + (amounts.get(counterKey(MONEY, 0))?.amount ?? 0n), 0n);
      const { remaining } = player.status();
      if ((counter?.spent ?? 0n) !== spent || (counter?.out ?? 0n) !== out) found.push(`${step}: not the fold of all`);
      if (kept !== out) found.push(`${step}: leases have ${kept} of ${out}`);
      if (remaining !== cap - spent - out || remaining < 0n) found.push(`${step}: ${remaining} remain`);
      const { spent: inMemory, out: outInMemory } = player.book.totals(MONEY);
      if (inMemory !== spent || outInMemory !== out) found.push(`${step}: memory and store differ`);
      if (found.length > 0) return found;
    }
    return found;
  }

  it.each([1, 2, 3])(
    'leave counters that are the fold of all that was told, and no less than nothing (seed %i)',
    (seed) => {
      expect(drift(seed, false)).toEqual([]);
    },
  );

  it('control: a book that once forgets its leases drifts', () => {
    expect(drift(1, true)).not.toEqual([]);
  });
});

describe('M3: a hold of 10 USD', () => {
  const N = 10n * USD;
  const end = (act: (player: BookPlayer, held: Held) => void) => {
    const player = new BookPlayer(tenant);
    const { held } = player.hold(N);
    if (!held) throw new Error('the hold was refused');
    act(player, held);
    const { spent, held: set, leased, remaining } = player.status();
    expect(spent + set + leased + remaining).toBe(CAP);
    return { spent, set: set + leased };
  };

  it.each([
    ['less', 3n * USD, 3n * USD],
    ['all', N, N],
    ['more: the rest is not the tenant’s', 12n * USD, N],
  ])('settled at %s', (_name, cost, spent) => {
    expect(end((player, held) => void player.settle(held, cost))).toEqual({ spent, set: 0n });
  });

  it('returns in full when it is void', () => {
    expect(end((player, held) => void player.cancel(held))).toEqual({ spent: 0n, set: 0n });
  });

  it('counts as spent when its lease expires, and returns in full when it is void then', () => {
    expect(end((player) => player.expireAfter(LEASE_TTL_MS))).toEqual({ spent: N, set: 0n });
    const voided = end((player, held) => {
      player.expireAfter(LEASE_TTL_MS);
      player.cancel(held);
      player.cancel(held);
      expect(player.events().at(-1)).toMatchObject({ revision: 2, status: 'canceled', costPicoUsd: '0' });
      expect(player.events().filter(({ status }) => status === 'canceled')).toHaveLength(1);
    });
    expect(voided).toEqual({ spent: 0n, set: 0n });
  });

  it('is settled once, though it is told twice', () => {
    const twice = (player: BookPlayer, held: Held, sequence?: number) => {
      player.settle(held, 3n * USD);
      const statements = [{ limitId: MONEY, start: 0, spent: 3n * USD, released: N, held: 0n }];
      player.sync(held.leaseId, { statements, ...(sequence && { sequence }) });
    };
    expect(end((player, held) => twice(player, held, 1))).toEqual({ spent: 3n * USD, set: 0n });
    // Control: the same told as something new counts.
    expect(end((player, held) => twice(player, held))).toEqual({ spent: 6n * USD, set: 0n });
  });

  it('is not void any more when it is settled', () => {
    const settledFirst = end((player, held) => {
      player.settle(held, 3n * USD);
      player.cancel(held);
    });
    expect(settledFirst).toEqual({ spent: 3n * USD, set: 0n });
  });
});
