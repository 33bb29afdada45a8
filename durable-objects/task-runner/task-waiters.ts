/** Those who wait for the end of a task, in memory: whoever is forgotten with the object asks again. */
export class TaskWaiters {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Resolves when the task has ended, or after that time. */
  async wait(taskId: string, waitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(taskId) ?? new Set();
    this.#waiting.set(taskId, waiting.add(resolve));
    const timer = setTimeout(resolve, waitMs);
    await promise;
    clearTimeout(timer);
    waiting.delete(resolve);
    if (waiting.size === 0 && this.#waiting.get(taskId) === waiting) this.#waiting.delete(taskId);
  }

  tell(taskId: string): void {
    const waiting = this.#waiting.get(taskId);
    this.#waiting.delete(taskId);
    for (const resolve of waiting ?? []) resolve();
  }
}
