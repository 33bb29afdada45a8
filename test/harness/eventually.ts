const LIMIT_MS = 20_000;
const PAUSE_MS = 50;

/** Asks again until the answer is accepted; the last answer when it never is, for the assertion to show. */
export async function eventually<T>(
  ask: () => Promise<T>,
  isAccepted: (answer: T) => boolean,
  limitMs = LIMIT_MS,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (isAccepted(answer) || Date.now() > deadline) return answer;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
