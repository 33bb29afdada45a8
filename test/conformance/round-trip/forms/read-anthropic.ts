import { splitId } from '../arbitraries/signed.ts';
import type { Part, Reading, Said, Settings } from '../conversation.ts';
import type { Block, MessageParam, MessagesBody } from './anthropic.ts';
import { readMessagesSettings } from './read-anthropic-settings.ts';

const USER = ['text', 'image', 'document', 'search_result', 'tool_result', 'browser_state'];
const MAX_NAME_LENGTH = 255;

/** What a body of Messages says, whether a client wrote it for the gateway or the gateway for Anthropic. */
export function readMessagesBody(body: MessagesBody): Reading {
  const reader = new Reader();
  const system: MessageParam[] = body.system === undefined ? [] : [{ role: 'system', content: body.system }];
  const said = [...system, ...body.messages].flatMap((message) => reader.read(message));
  if (body.cache_control) reader.lose('cache_control was ignored');
  if (body.cache_control?.ttl === '1h') reader.lose('/cache_control/ttl was ignored');
  const settings: Settings = readMessagesSettings(body, reader.beside);
  return { conversation: { said, settings }, beside: reader.beside };
}

class Reader {
  readonly beside = new Set<string>();
  readonly #names = new Map<string, string>();

  lose(phrase: string): void {
    this.beside.add(phrase);
  }

  read({ role, content }: MessageParam): Said[] {
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    if (role === 'assistant') return this.#readAssistant(blocks);
    return blocks.flatMap((block): Said[] => {
      if (block.type === 'tool_result') return [this.#readResult(block)];
      const parts = this.#readParts(block);
      if (role === 'user') return parts.map((part) => ({ by: 'user', part }));
      return parts.flatMap((part): Said[] => (part.kind === 'text' ? [{ by: 'system', text: part.text }] : []));
    });
  }

  /** Calls come last: the platform's form has no other place for them. */
  #readAssistant(blocks: readonly Block[]): Said[] {
    const said: Said[] = [];
    const calls: Said[] = [];
    for (const block of blocks) {
      this.#loseMarks(block);
      const isOffered = ['text', 'thinking', 'redacted_thinking', 'tool_use'].includes(block.type);
      if (!isOffered) this.lose(`${block.type} was ignored`);
      else if (block.type === 'tool_use') calls.push(this.#readCall(block));
      else {
        if (calls.length > 0) this.lose('content after a tool_use was moved ahead of it');
        said.push(this.#readSaid(block));
      }
    }
    return [...said, ...calls];
  }

  #readSaid({ type, text = '', thinking = '', signature = '', data, citations }: Block): Said {
    if (type === 'text') {
      if (citations) this.lose('citations of a text was ignored');
      return { by: 'assistant', text };
    }
    if (type === 'redacted_thinking') return { by: 'thought', text: '', signature: `redacted_thinking:${data}` };
    const own = signature.replace('eufm:google:', '');
    return { by: 'thought', text: thinking, ...(own && { signature: own }) };
  }

  #readCall({ id: written = '', name = '', input, caller, toolset_name }: Block): Said {
    if (caller && caller.type !== 'direct') this.lose('caller of a tool_use was ignored');
    if (toolset_name != null) this.lose('toolset_name was ignored');
    const { id, ...signed } = splitId(written);
    this.#names.set(id, name);
    return { by: 'call', id, name, arguments: input, ...signed };
  }

  #readResult(block: Block): Said {
    this.#loseMarks(block);
    const { id } = splitId(block.tool_use_id ?? '');
    const { content = '', is_error: isError = false } = block;
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    const name = this.#names.get(id) ?? 'no such call';
    return { by: 'tool', id, name, content: blocks.flatMap((inner) => this.#readParts(inner)), isError };
  }

  #readParts(block: Block): Part[] {
    this.#loseMarks(block);
    if (!USER.includes(block.type) || block.type === 'browser_state') this.lose(`${block.type} was ignored`);
    switch (block.type) {
      case 'text':
        return [{ kind: 'text', text: block.text ?? '' }];
      case 'image':
        if (block.transformations) this.lose('transformations of an image was ignored');
        return [{ kind: 'image', media: mediaOf(block) }];
      case 'document':
        return this.#readDocument(block);
      case 'search_result': {
        this.lose('search_result became text');
        const texts = typeof block.content === 'string' ? [] : (block.content ?? []).map(({ text }) => text);
        return [{ kind: 'text', text: [block.title, block.source, ...texts].join('\n') }];
      }
      default:
        return [];
    }
  }

  #readDocument(block: Block): Part[] {
    const { source, title, context, citations } = block;
    if (context != null) this.lose('context of a document was ignored');
    if (citations && 'enabled' in citations && citations.enabled) this.lose('citations of a document was ignored');
    if (typeof source === 'object' && source.type === 'content') {
      if (title != null) this.lose('title of a document made of blocks was ignored');
      const { content = '' } = source;
      const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
      return blocks.flatMap((inner) => this.#readParts(inner));
    }
    const media = mediaOf(block);
    if ('bytes' in media && media.bytes === '') return [];
    if (title && title.length > MAX_NAME_LENGTH) this.lose('title of a document was cut');
    return [{ kind: 'file', media, ...(title && { name: title.slice(0, MAX_NAME_LENGTH) }) }];
  }

  #loseMarks({ cache_control: mark }: Block): void {
    if (mark) this.lose('cache_control was ignored');
  }
}

function mediaOf({ source }: Block) {
  if (typeof source !== 'object') return { bytes: '' };
  const { type, url, media_type: mediaType = '', data = '' } = source;
  if (url !== undefined) return { url };
  return { bytes: type === 'text' ? Buffer.from(data).toString('base64') : data, type: mediaType };
}
