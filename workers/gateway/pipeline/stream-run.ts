import { STREAM_IDLE_MS } from '../constants.ts';
import type { AdmittedPlan } from './admit-request.ts';
import type { AnswerKeeper } from './answer-keeper.ts';
import type { CandidateLimit } from './candidate-limit.ts';
import type { PipelineInput } from './pipeline-input.ts';
import type { Settlement } from './settlement.ts';
import { StreamAnswer } from './stream-answer.ts';
import type { StreamEncoder } from './stream-encoder.ts';

/** One streamed request while it runs: what it has answered so far, and who ends it. */
export class StreamRun {
  readonly input: PipelineInput;
  /** What is called; another one when that fails before its first word. */
  plan: AdmittedPlan;
  readonly encoder: StreamEncoder;
  /** Takes the answer when it is whole; null: nobody wants it. */
  readonly keeper: AnswerKeeper | null;
  /** What the present call has written. */
  answer = new StreamAnswer();
  /** What calls before it wrote of the same answer, and what they cost. */
  readonly earlier: { readonly answer: StreamAnswer; readonly settlement: Settlement }[] = [];
  /** The time of the candidate that serves. */
  limit: CandidateLimit | null = null;
  /** How long the first word, or where nobody waits for it the vendor's acceptance, took. */
  firstWordMs = 0;
  readonly #client: AbortSignal;
  #stop = new AbortController();
  #graceMs = 0;
  #heardAt: number | null = null;
  #isSilent = false;
  #leaving: ReturnType<typeof setTimeout> | undefined;

  constructor(input: PipelineInput, plan: AdmittedPlan, encoder: StreamEncoder, keeper: AnswerKeeper | null = null) {
    this.input = input;
    this.plan = plan;
    this.encoder = encoder;
    this.keeper = keeper;
    this.#client = input.clientSignal();
    this.#client.addEventListener('abort', this.clientLeft, { once: true });
    if (this.#client.aborted) this.clientLeft();
  }

  /** Ends the upstream call when aborted. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** A client that leaves from now on may have read the answer's end already: the stream has so long to tell. */
  grantGrace(ms: number): void {
    this.#graceMs = ms;
  }

  /** The client is gone. Takes the upstream call with it. */
  readonly clientLeft = (): void => {
    if (this.#graceMs === 0) this.stop();
    else this.#leaving ??= setTimeout(() => this.stop(), this.#graceMs);
  };

  /** The provider takes too long. */
  readonly giveUp = (reason: DOMException): void => this.#stop.abort(reason);

  /** From now on the provider may be silent only so long; `heard` says that it was not. */
  heard(): void {
    this.#heardAt = this.input.ports.now();
  }

  /** Gives up a provider that has been silent for too long. */
  readonly lookForSilence = (): void => {
    if (this.#heardAt === null || this.input.ports.now() - this.#heardAt <= STREAM_IDLE_MS) return;
    this.#isSilent = !this.signal.aborted;
    this.giveUp(new DOMException('the provider fell silent', 'TimeoutError'));
  };

  /** If another call may follow one that broke off: whoever asks is there, and so is the time. */
  get mayGoOn(): boolean {
    return !this.#client.aborted && (this.#isSilent || !this.signal.aborted);
  }

  /** Another call goes on with what the one that `settlement` is of has written. */
  goOn(settlement: Settlement): void {
    this.limit?.end();
    this.earlier.push({ answer: this.answer, settlement });
    this.answer = new StreamAnswer();
    this.#heardAt = null;
    if (this.#isSilent) this.#stop = new AbortController();
    this.#isSilent = false;
    if (this.#client.aborted) this.clientLeft();
  }

  /** Nothing more is wanted of the upstream call. */
  stop(): void {
    clearTimeout(this.#leaving);
    this.#stop.abort(new DOMException('the client left', 'AbortError'));
  }

  readonly hasLeft = (): boolean => this.signal.aborted && this.signal.reason.name === 'AbortError';

  /** Who asked may no longer. */
  endAccess(): void {
    this.#stop.abort(new DOMException('access ended', 'NotAllowedError'));
  }

  readonly isForbidden = (): boolean => this.signal.aborted && this.signal.reason.name === 'NotAllowedError';
}
