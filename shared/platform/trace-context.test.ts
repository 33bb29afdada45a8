import { expect, it } from 'vitest';
import { continueTrace, toTraceparent } from './trace-context.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

it('continues the caller’s trace with a span of its own', () => {
  const trace = continueTrace(`00-${TRACE_ID}-b7ad6b7169203331-00`, 'vendor=1');
  expect(trace).toMatchObject({ traceId: TRACE_ID, flags: '00', traceState: 'vendor=1' });
  expect(trace.spanId).not.toBe('b7ad6b7169203331');
  expect(toTraceparent(trace)).toBe(`00-${TRACE_ID}-${trace.spanId}-00`);
});

it.each([
  undefined,
  '',
  'nonsense',
  `ff-${TRACE_ID}-b7ad6b7169203331-01`,
  `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
  `00-${TRACE_ID}-${'0'.repeat(16)}-01`,
  `00-${TRACE_ID.toUpperCase()}-b7ad6b7169203331-01`,
])('starts a trace where the header is %s, and drops the state that belonged to it', (header) => {
  const trace = continueTrace(header, 'vendor=1');
  expect(trace.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(trace.traceId).not.toBe(TRACE_ID);
  expect(trace.traceState).toBeUndefined();
});
