import { describe, expect, it } from 'vitest';
import { RequestPace } from './request-pace.ts';

/** A pace that was 100 a span until `PAUSED_AT`. */
const PAUSED_AT = 1_000;
function busyPace(): RequestPace {
  const pace = new RequestPace();
  for (let now = 0; now < PAUSED_AT; now++) pace.count(now);
  return pace;
}

describe('the pace of a tenant', () => {
  it('is what began in a tenth of a second', () => {
    expect(busyPace().at(PAUSED_AT)).toBe(100);
  });

  it('is nothing when none has begun for two spans', () => {
    expect(busyPace().at(PAUSED_AT + 200)).toBe(0);
  });

  it('is as before behind a pause of the isolate', () => {
    const pace = busyPace();
    pace.count(PAUSED_AT + 240);
    expect(pace.at(PAUSED_AT + 240)).toBe(100);
  });

  it('begins anew behind a longer one', () => {
    const pace = busyPace();
    pace.count(PAUSED_AT + 600);
    expect(pace.at(PAUSED_AT + 600)).toBe(1);
  });
});
