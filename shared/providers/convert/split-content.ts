import type { ChatMessage, FilePart, ImagePart } from '../contract.ts';

type ToolContent = Extract<ChatMessage, { readonly role: 'tool' }>['content'];

/** The result of a tool as one text, a line or more for each text in it, and its images and files apart. */
export function splitContent(content: ToolContent): {
  readonly text: string;
  readonly media: readonly (ImagePart | FilePart)[];
} {
  if (typeof content === 'string') return { text: content, media: [] };
  return {
    text: content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n'),
    media: content.filter((part) => part.type !== 'text'),
  };
}
