import type { ChatInput } from '../../../../shared/contracts/http/chat-input.ts';
import type { OpenAiChatMessage } from '../../../../shared/contracts/http/openai/chat-messages.ts';
import { omitUndefined } from '../../../../shared/providers/convert/omit-undefined.ts';
import { ignored } from '../../../../shared/providers/convert/warn-unsupported.ts';
import { readDataUrl, readFileData, readHttpsUrl } from '../media-source.ts';
import type { Notes } from '../notes.ts';

type PartsOf<Message> = Message extends { content: infer Content }
  ? Extract<Content, readonly unknown[]>[number]
  : never;

/** A part of a user's message, as OpenAI's clients write it and as the platform has it. */
export type OpenAiUserPart = PartsOf<Extract<OpenAiChatMessage, { role: 'user' }>>;
export type UserPart = PartsOf<Extract<ChatInput['messages'][number], { role: 'user' }>>;

const AUDIO_TYPES = { wav: 'audio/wav', mp3: 'audio/mpeg' } as const;

/** An image, a sound or a document. Null where there is nothing to keep: `notes` has why. */
export function readMedia(
  part: Exclude<OpenAiUserPart, { type: 'text' }>,
  pointer: string,
  notes: Notes,
): UserPart | null {
  switch (part.type) {
    case 'image_url':
      return readImage(part.image_url, `${pointer}/image_url/url`, notes);
    case 'input_audio': {
      const { data, format } = part.input_audio;
      return { type: 'file', source: { kind: 'base64', mediaType: AUDIO_TYPES[format], data } };
    }
    case 'file':
      return readFile(part.file, `${pointer}/file`, notes);
  }
}

type ImageUrl = Extract<OpenAiUserPart, { type: 'image_url' }>['image_url'];

function readImage({ url, detail }: ImageUrl, pointer: string, notes: Notes): UserPart | null {
  const source = readDataUrl(url) ?? readHttpsUrl(url);
  if (!source) {
    notes.faults.push({ pointer, detail: 'must be an https: URL, or a data: URL in base64' });
    return null;
  }
  if (detail !== 'original') return { type: 'image', source, ...omitUndefined({ detail }) };
  notes.unsaid.add('detail original of an image was taken for high: the provider does not support it');
  return { type: 'image', source, detail: 'high' };
}

type File = Extract<OpenAiUserPart, { type: 'file' }>['file'];

function readFile({ file_data: data, file_id: id, filename }: File, pointer: string, notes: Notes): UserPart | null {
  if (data === undefined) {
    if (id === undefined) notes.faults.push({ pointer, detail: 'must have file_data or file_id' });
    else notes.unsaid.add(ignored('a file by its id'));
    return null;
  }
  const source = readFileData(data);
  if (source) return { type: 'file', source, ...omitUndefined({ filename }) };
  notes.faults.push({ pointer: `${pointer}/file_data`, detail: 'must be base64, or a data: URL in base64' });
  return null;
}
