import { eventually } from './eventually.ts';

const ENCODER = new TextEncoder();
const USAGE = { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 };

function chunk(fields: object): Uint8Array {
  const common = { id: 'x', object: 'chat.completion.chunk', model: 'gpt-4o-mini' };
  return ENCODER.encode(`data: ${JSON.stringify({ ...common, ...fields })}\n\n`);
}

/** A provider that speaks OpenAI's streaming format without a network, and writes when a test tells it to. */
export class SteppedUpstream {
  /** What the model has written in the call that runs, or ran last. */
  written = '';
  #calls = 0;
  #words = 0;
  #waiting: Uint8Array[] = [];
  #isFinished = false;

  /** Begins an answer. What was to be written in one before is never read. */
  async answer(signal: AbortSignal | null | undefined): Promise<Response> {
    const call = ++this.#calls;
    this.written = '';
    this.#waiting = [];
    this.#isFinished = false;
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      while (this.#waiting.length === 0 && !this.#isFinished) {
        if (signal?.aborted || call !== this.#calls) return controller.close();
        await scheduler.wait(5); // a promise of another object's may not be waited for here
      }
      const next = this.#waiting.shift();
      if (next) controller.enqueue(next);
      else controller.close();
    };
    return new Response(new ReadableStream({ pull }), { headers: { 'content-type': 'text/event-stream' } });
  }

  /** Waits until so many calls have been made. */
  async begun(calls: number): Promise<void> {
    const made = await eventually(
      async () => this.#calls,
      (count) => count >= calls,
    );
    if (made < calls) throw new Error(`${made} calls were made, not ${calls}`);
  }

  /** Writes some words. */
  write(words: number): void {
    for (let left = words; left > 0; left--) {
      const content = ` word ${++this.#words}`;
      this.written += content;
      this.#waiting.push(chunk({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }));
    }
  }

  finish(): void {
    this.#waiting.push(chunk({ choices: [{ index: 0, delta: { content: '' }, finish_reason: 'stop' }] }));
    this.#waiting.push(chunk({ choices: [], usage: USAGE }), ENCODER.encode('data: [DONE]\n\n'));
    this.#isFinished = true;
  }
}
