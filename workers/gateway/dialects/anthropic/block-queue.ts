import type {
  RawContentBlockDelta,
  RedactedThinkingBlock,
  TextBlock,
  ThinkingBlock,
  ToolUseBlock,
} from '@anthropic-ai/sdk/resources/messages';
import { streamEvent } from './stream-event.ts';

type Content = TextBlock | ThinkingBlock | RedactedThinkingBlock | ToolUseBlock;

/** A block that has been begun. */
export interface QueuedBlock {
  readonly type: Content['type'];
  readonly hasText: boolean;
  readonly isEnded: boolean;
}

interface Block extends QueuedBlock {
  readonly content: Content;
  /** What it could not write yet, since a block before it is still open. */
  waiting: string;
  hasText: boolean;
  isEnded: boolean;
  signature: string | undefined;
}

/** Deltas of a kind of block, with their changing text last. */
const DELTAS: Record<Content['type'], RawContentBlockDelta | null> = {
  text: { type: 'text_delta', text: '' },
  thinking: { type: 'thinking_delta', thinking: '' },
  tool_use: { type: 'input_json_delta', partial_json: '' },
  redacted_thinking: null,
};
const TAIL = '}}\n\n';
const EMPTY_TAIL = `""${TAIL}`;

/**
 * The blocks of a streamed message. The API has them strictly one after another, so what comes for a later one waits
 * until the ones before it have ended. https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export class BlockQueue {
  /** The first of them is the one that is open. */
  readonly #blocks: Block[] = [];
  #index = 0;
  /** A delta of the open block, up to its text. */
  #head = '';
  #text = '';

  /** The events since they were last taken. */
  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  /** The block that was begun last, unless it has ended and left. */
  get last(): QueuedBlock | undefined {
    return this.#blocks.at(-1);
  }

  begin(content: Content): QueuedBlock {
    const { type } = content;
    const block: Block = { type, content, waiting: '', hasText: false, isEnded: false, signature: undefined };
    if (this.#blocks.push(block) === 1) this.#open(block);
    return block;
  }

  append(queued: QueuedBlock, text: string): void {
    const block = this.#find(queued);
    if (!block || text === '') return;
    block.hasText = true;
    if (block === this.#blocks[0]) this.#text += this.#head + JSON.stringify(text) + TAIL;
    else block.waiting += text;
  }

  /** Ends a block, and writes what waited for that. */
  end(queued: QueuedBlock, signature?: string): void {
    const block = this.#find(queued);
    if (!block) return;
    block.isEnded = true;
    block.signature = signature;
    this.#closeEnded();
  }

  endAll(): void {
    for (const block of this.#blocks) block.isEnded = true;
    this.#closeEnded();
  }

  #find(queued: QueuedBlock): Block | undefined {
    return this.#blocks.find((block) => block === queued);
  }

  #closeEnded(): void {
    for (let block = this.#blocks[0]; block?.isEnded; block = this.#blocks[0]) {
      this.#close(block);
      this.#blocks.shift();
      this.#index++;
      const next = this.#blocks[0];
      if (next) this.#open(next);
    }
  }

  #open({ content, waiting }: Block): void {
    const index = this.#index;
    this.#text += streamEvent({ type: 'content_block_start', index, content_block: content });
    const delta = DELTAS[content.type];
    this.#head = delta ? streamEvent({ type: 'content_block_delta', index, delta }).slice(0, -EMPTY_TAIL.length) : '';
    if (waiting !== '') this.#text += this.#head + JSON.stringify(waiting) + TAIL;
  }

  #close({ signature }: Block): void {
    const index = this.#index;
    if (signature !== undefined) {
      const delta = { type: 'signature_delta', signature } as const;
      this.#text += streamEvent({ type: 'content_block_delta', index, delta });
    }
    this.#text += streamEvent({ type: 'content_block_stop', index });
  }
}
