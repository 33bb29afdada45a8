import type { PipelineInput } from './pipeline-input.ts';

/** Keeps a running request's hold alive; to be called every `HOLD_RENEWAL_MS`. Does not reject. */
export async function keepHeld({ session, logger }: PipelineInput): Promise<void> {
  try {
    await session.renew();
  } catch (error) {
    logger.warn('hold.not_renewed', { error });
  }
}
