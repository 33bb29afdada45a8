import { expect, it } from 'vitest';
import type { TenantSnapshot } from '../../contracts/tenant-snapshot.ts';
import { oncePerSnapshot } from './once-per-snapshot.ts';

const snapshotOf = (tenantId: string) => ({ tenantId }) as TenantSnapshot; // all that is read of it here

function counting() {
  const reckoned: string[] = [];
  const ask = oncePerSnapshot(({ tenantId }, word) => {
    reckoned.push(`${tenantId} ${word}`);
    return word === '' ? null : { tenantId, word };
  });
  return { reckoned, ask };
}

it('reckons once for each snapshot and word, also where nothing follows', () => {
  const { reckoned, ask } = counting();
  const [one, other] = [snapshotOf('one'), snapshotOf('other')];
  for (let times = 0; times < 3; times++) {
    expect(ask(one, 'a')).toEqual({ tenantId: 'one', word: 'a' });
    expect(ask(other, 'a')).toEqual({ tenantId: 'other', word: 'a' });
    expect(ask(one, '')).toBeNull();
  }
  expect(reckoned).toEqual(['one a', 'other a', 'one ']);
});

it('keeps no more words of a snapshot than it may, however many are made up', () => {
  const { reckoned, ask } = counting();
  const snapshot = snapshotOf('one');
  for (let word = 0; word < 501; word++) ask(snapshot, `${word}`);
  ask(snapshot, '500');
  expect(reckoned).toHaveLength(501);
  ask(snapshot, '0');
  expect(reckoned).toHaveLength(502);
});
