import type {
  FinishReason,
  GenerateResult,
  ReasoningPart,
  ReportedUsage,
  Source,
  StreamPart,
  ToolCall,
} from '../../../shared/providers/contract.ts';

/** The answer that a stream has told so far: what it would have been had it come at once. */
export class StreamAnswer {
  #text = '';
  #thought = '';
  #writtenLength = 0;
  #hasNews = false;
  #hasCalls = false;
  #usage: ReportedUsage = { unified: undefined, raw: undefined };
  #finish: { readonly reason: FinishReason; readonly raw: string | null } = { reason: 'unknown', raw: null };
  #responseModel: string | null = null;
  readonly #reasoning: ReasoningPart[] = [];
  readonly #toolCalls: ToolCall[] = [];
  readonly #sources: Source[] = [];

  accept(part: StreamPart): void {
    switch (part.type) {
      case 'response-start':
        this.#responseModel = part.responseModel;
        return;
      case 'text-delta':
        this.#text += part.text;
        this.#writtenLength += part.text.length;
        return;
      case 'reasoning-delta':
        this.#thought += part.text;
        this.#writtenLength += part.text.length;
        return;
      case 'reasoning-end':
        this.#endThought(part.signature);
        return;
      case 'tool-call-start':
        this.#hasCalls = true;
        this.#writtenLength += part.name.length;
        return;
      case 'tool-call-delta':
        this.#writtenLength += part.argumentsDelta.length;
        return;
      case 'tool-call-end':
        this.#toolCalls.push(part.call);
        return;
      case 'source':
        this.#sources.push(part.source);
        return;
      case 'usage-update':
      case 'stream-error':
        this.#usage = part.usage;
        this.#hasNews = true;
        return;
      case 'finish':
        this.#usage = part.usage;
        this.#finish = { reason: part.finishReason, raw: part.rawFinishReason };
    }
  }

  /** If the vendor has counted since this was last asked. */
  takeNews(): boolean {
    const hasNews = this.#hasNews;
    this.#hasNews = false;
    return hasNews;
  }

  /** What the vendor has counted so far. */
  get usage(): ReportedUsage {
    return this.#usage;
  }

  /** Characters that the model wrote: text, thoughts and arguments of tools. */
  get writtenLength(): number {
    return this.#writtenLength;
  }

  /** The text so far, where there is some and nothing but it, and what was thought before it: else null. */
  get plainText(): string | null {
    return this.#text !== '' && this.#thought === '' && !this.#hasCalls ? this.#text : null;
  }

  /** The answer so far. What could not be asked for is not the stream's to say: it has no warnings. */
  toResult(): GenerateResult {
    if (this.#thought !== '') this.#endThought(undefined);
    return {
      message: {
        role: 'assistant',
        content: this.#text,
        ...(this.#reasoning.length > 0 && { reasoning: this.#reasoning }),
        ...(this.#toolCalls.length > 0 && { toolCalls: this.#toolCalls }),
      },
      finishReason: this.#finish.reason,
      rawFinishReason: this.#finish.raw,
      usage: this.#usage,
      responseModel: this.#responseModel,
      ...(this.#sources.length > 0 && { sources: this.#sources }),
      warnings: [],
    };
  }

  #endThought(signature: string | undefined): void {
    this.#reasoning.push({ type: 'reasoning', text: this.#thought, ...(signature !== undefined && { signature }) });
    this.#thought = '';
  }
}
