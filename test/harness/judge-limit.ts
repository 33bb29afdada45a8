/** How one request to a limited tenant ended. */
export interface LimitedAnswer {
  readonly status: number;
  /** The limit that its problem names, and how long it says to wait; null where it says nothing of either. */
  readonly limitName: string | null;
  readonly retryAfter: string | null;
}

/**
 * Judges the answers to more requests than a limit allows: exactly `cap` are served, and every other one is refused with
 * 429, by that limit, with a time to wait. Answers what is wrong; nothing when all is as it must be.
 */
export function judgeLimit(answers: readonly LimitedAnswer[], limit: { cap: number; name: string }): string[] {
  const served = answers.filter(({ status }) => status >= 200 && status < 300).length;
  const refused = answers.filter(({ status }) => status === 429);
  const others = answers.length - served - refused.length;
  const nameless = refused.filter(({ limitName }) => limitName !== limit.name).length;
  const endless = refused.filter(({ retryAfter }) => !/^[1-9]\d*$/.test(retryAfter ?? '')).length;
  return [
    ...(served > limit.cap ? [`${served} served, ${served - limit.cap} more than the limit`] : []),
    ...(served < limit.cap ? [`${served} served, ${limit.cap - served} less than the limit`] : []),
    ...(others > 0 ? [`${others} neither served nor refused by a rate`] : []),
    ...(nameless > 0 ? [`${nameless} refused without the name of the limit`] : []),
    ...(endless > 0 ? [`${endless} refused without a time to wait`] : []),
  ];
}
