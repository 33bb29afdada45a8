import { ALL_MONEY } from '../../shared/domain/admission/limit.ts';
import { budget, holdOf, tenantWith, USD } from './admission-tenant.ts';
import { AdmissionWorld, type RequestEnd, type WorldOptions } from './admission-world.ts';

export interface Play {
  readonly requests: number;
  /** Requests a second, of all isolates. */
  readonly rate: number;
  /** Kills a second. */
  readonly isolateKills: number;
  readonly gateKills: number;
  readonly clockJumps: number;
}

const CAP = 1_000n * USD;
const MOST = USD / 100n;

/** A tenant with one budget that its requests do not fill. */
export const PLAYED = tenantWith({ budgets: [budget({ amountPicoUsd: `${CAP}` })] });

/** Plays requests and faults from a seed, lets all end, corrects what is lost, and answers the world and all ends. */
export async function play(
  play: Play,
  options: Omit<WorldOptions, 'snapshot'> & { readonly snapshot?: WorldOptions['snapshot'] },
) {
  const world = new AdmissionWorld({ snapshot: PLAYED, ...options });
  const { time, random } = world;
  const ends: RequestEnd[] = [];
  let sent = 0;
  const wait = (perSecond: number) => (-Math.log(1 - random()) * 1000) / perSecond;
  const arrive = () => {
    if (sent++ >= play.requests) return;
    const amount = MOST / 2n + BigInt(Math.floor(random() * Number(MOST / 2n)));
    const costPicoUsd = BigInt(Math.floor(random() * Number(amount)));
    const latencyMs = random() < 0.02 ? 8_000 : Math.floor(random() * 400);
    const { requestId: _, startedAt: __, ...hold } = holdOf('', amount);
    const at = Math.floor(random() * world.isolates.length);
    void world.request(at, { hold, tokens: 100n, costPicoUsd, latencyMs }).then((end) => ends.push(end));
    time.in(wait(random() < 0.01 ? 2 : play.rate), arrive);
  };
  const often = (perSecond: number, work: () => void) => {
    const again = () => {
      if (sent >= play.requests) return;
      work();
      time.in(wait(perSecond), again);
    };
    if (perSecond > 0) time.in(wait(perSecond), again);
  };
  arrive();
  often(play.isolateKills, () => world.killIsolate(Math.floor(random() * world.isolates.length)));
  often(play.gateKills, () => world.killGate(random() < 0.5));
  often(play.clockJumps, () => world.jumpGateClock(Math.floor(random() * 12_000)));
  while (sent < play.requests) await world.run(10_000);
  world.faults = { lostRequests: 0, lostAnswers: 0, duplicates: 0, delayMs: 5 };
  await world.run(60_000);
  // What lives has told of everything; the leases of what died are over.
  for (const at of world.isolates.keys()) {
    const { requestId: _, startedAt: __, ...hold } = holdOf('', 1n);
    for (let more = 0; more < 2; more++)
      void world.request(at, { hold, tokens: 100n, costPicoUsd: 1n, latencyMs: 1 }).then((end) => ends.push(end));
  }
  await world.run(60_000);
  world.correctLostLeases();
  return { world, ends };
}

/** Everything that must be true in the end. */
export function faultsOf({ world }: Awaited<ReturnType<typeof play>>): string[] {
  const faults = [...new Set(world.violations)].slice(0, 5);
  const ledger = world.ledger();
  let [recorded, counted] = [0n, 0n];
  for (const { costPicoUsd } of ledger.values()) recorded += BigInt(costPicoUsd);
  for (const cost of world.provider.values()) counted += cost;
  if (recorded !== counted) faults.push(`${recorded} recorded, ${counted} counted by the provider`);
  for (const [requestId, cost] of world.provider) {
    const row = ledger.get(requestId);
    if (row?.costPicoUsd !== `${cost}`) faults.push(`${requestId}: ${row?.status} ${row?.costPicoUsd}, not ${cost}`);
    if (faults.length > 10) break;
  }
  for (const id of [ALL_MONEY.id, `${PLAYED.budgets[0]?.id}:picoUsd`]) {
    const { spent, out } = world.book.totals(id);
    if (spent !== counted || out !== 0n) faults.push(`${id}: spent ${spent}, out ${out}, counted ${counted}`);
  }
  const open = [...world.store.leases.values()].filter(({ isExpired, isIdle }) => !isExpired && !isIdle);
  if (open.length > 0) faults.push(`${open.length} leases left`);
  if (world.store.holds.size > 0) faults.push(`${world.store.holds.size} holds left`);
  return faults;
}
