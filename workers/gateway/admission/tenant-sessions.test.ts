import { describe, expect, it } from 'vitest';
import { SESSION_MAX_AGE_MS } from '../constants.ts';
import { TenantSessions } from './tenant-sessions.ts';

const TENANT = '01990000-0000-7000-8000-000000000001';
const unreachable = () => Promise.reject(new Error('nobody calls'));

describe('an isolate’s sessions', () => {
  const clock = { now: 1_000 };
  const sessions = new TenantSessions({
    gate: () => ({ hold: unreachable, sync: unreachable }),
    now: () => clock.now,
    onNews: () => {},
    onFailure: () => {},
  });

  it('take a tenant’s requests for an hour: an id tells its request’s day', () => {
    const first = sessions.of(TENANT);
    clock.now += SESSION_MAX_AGE_MS - 1;
    expect(sessions.of(TENANT)).toBe(first);
    clock.now += 1;
    const second = sessions.of(TENANT);
    expect(second).not.toBe(first);
    expect(sessions.of(TENANT)).toBe(second);
  });
});
