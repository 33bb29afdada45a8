import type { Logger } from '../../../shared/platform/logger.ts';
import {
  listLettersToReplay,
  type ReplayedLetter,
  type ReplayPorts,
  replayTenantDeadLetter,
} from '../../../shared/services/replay-tenant-dead-letters.ts';

/** How long one run begins replays. */
const RUN_MS = 20_000;

export interface ReplayRunPorts extends ReplayPorts {
  readonly logger: Logger;
}

/** Does again what tenants want to be done again; what is left is the next run's. One that fails keeps no other from it. */
export async function replayDeadLetters(ports: ReplayRunPorts, now: () => number = Date.now): Promise<void> {
  const end = now() + RUN_MS;
  let page = await listLettersToReplay(ports, null);
  while (page.length > 0) {
    for (const letter of page) {
      if (now() >= end) return;
      await replay(ports, letter);
    }
    page = await listLettersToReplay(ports, page.at(-1)?.id ?? null);
  }
}

async function replay(ports: ReplayRunPorts, letter: ReplayedLetter): Promise<void> {
  const logger = ports.logger.with({ tenantId: letter.tenantId, deadLetterId: letter.id, kind: letter.kind });
  try {
    const replayed = await replayTenantDeadLetter(ports, letter);
    if (replayed.ok) logger.info('dead_letter.replayed');
    else logger.warn('dead_letter.not_replayed', { reason: replayed.error });
  } catch (error) {
    logger.error('dead_letter.replay_failed', { error });
  }
}
