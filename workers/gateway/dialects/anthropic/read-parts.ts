import type {
  AnthropicDocumentBlock,
  AnthropicImageBlock,
  AnthropicResultBlock,
  AnthropicSearchResultBlock,
} from '../../../../shared/contracts/http/anthropic/content-blocks.ts';
import type { FilePart, ImagePart, MediaSource, TextPart } from '../../../../shared/providers/contract.ts';
import type { Notes } from '../notes.ts';
import { unsayCache } from './unsay-cache.ts';

type Part = TextPart | ImagePart | FilePart;

const ENCODER = new TextEncoder();
const FILENAME_MAX_LENGTH = 255;

/** The parts that a block of a user, or of a tool's result, becomes: none for an empty text. */
export function readParts(block: AnthropicResultBlock, notes: Notes): Part[] {
  switch (block.type) {
    case 'text':
      unsayCache(notes, block);
      return readText(block.text);
    case 'image':
      return [readImage(block, notes)];
    case 'document':
      return readDocument(block, notes);
    case 'search_result':
      return readSearchResult(block, notes);
    case 'browser_state':
      notes.unsay('browser_state', block);
      return [];
  }
}

function readText(text: string): TextPart[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

function readImage(block: AnthropicImageBlock, notes: Notes): ImagePart {
  unsayCache(notes, block);
  notes.unsay('transformations of an image', block.transformations);
  const { source } = block;
  return {
    type: 'image',
    source:
      source.type === 'url'
        ? { kind: 'url', url: source.url }
        : { kind: 'base64', mediaType: source.media_type, data: source.data },
  };
}

/** A document is a file, but for one that the client has cut into blocks: those stay what they are. */
function readDocument(block: AnthropicDocumentBlock, notes: Notes): Part[] {
  const { source, title } = block;
  unsayCache(notes, block);
  notes.unsay('context of a document', block.context);
  notes.unsay('citations of a document', block.citations?.enabled || null);
  if (source.type === 'content') {
    notes.unsay('title of a document made of blocks', title);
    if (typeof source.content === 'string') return readText(source.content);
    return source.content.flatMap((inner) => readParts(inner, notes));
  }
  if (source.type === 'text' && source.data === '') return [];
  const filename = title?.slice(0, FILENAME_MAX_LENGTH);
  if (filename !== (title ?? undefined))
    notes.unsaid.add('title of a document was cut: the provider takes no longer one');
  return [{ type: 'file', source: readSource(source), ...(filename && { filename }) }];
}

/** A URL is that of a PDF, since Anthropic fetches nothing else. */
function readSource(source: Exclude<AnthropicDocumentBlock['source'], { type: 'content' }>): MediaSource {
  switch (source.type) {
    case 'base64':
      return { kind: 'base64', mediaType: source.media_type, data: source.data };
    case 'text':
      return { kind: 'base64', mediaType: source.media_type, data: encodeText(source.data) };
    case 'url':
      return { kind: 'url', url: source.url, mediaType: 'application/pdf' };
  }
}

function readSearchResult(block: AnthropicSearchResultBlock, notes: Notes): Part[] {
  unsayCache(notes, block);
  notes.unsaid.add('search_result became text: the provider has no such block');
  const { title, source, content } = block;
  return readText([title, source, ...content.map(({ text }) => text)].join('\n'));
}

function encodeText(text: string): string {
  let binary = '';
  for (const byte of ENCODER.encode(text)) binary += String.fromCharCode(byte);
  return btoa(binary);
}
