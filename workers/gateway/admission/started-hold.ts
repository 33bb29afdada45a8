import type { Slice, StartedHold } from '../../../shared/contracts/rpc.ts';
import { writeHoldText } from '../../../shared/domain/admission/hold-text.ts';
import type { Admitted } from './demand.ts';

/** What TenantGate is told of a hold that began without it. */
export function asStarted({ hold, draws }: Admitted): StartedHold {
  const slices = draws.map(({ share: { limitId, start, end }, amount }): Slice => ({ limitId, start, end, amount }));
  return [hold.requestId, writeHoldText(hold, slices)];
}
