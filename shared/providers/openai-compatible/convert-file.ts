import type { ChatCompletionContentPart, ChatCompletionContentPartInputAudio } from 'openai/resources/chat/completions';
import type { FilePart } from '../contract.ts';
import { DEFAULT_FILE_NAME } from './constants.ts';
import { isAudio, mediaUrl } from './convert-messages.ts';
import type { Extension } from './vendor.ts';

const AUDIO_FORMATS: ReadonlyMap<string, 'wav' | 'mp3'> = new Map([
  ['audio/wav', 'wav'],
  ['audio/x-wav', 'wav'],
  ['audio/mpeg', 'mp3'],
  ['audio/mp3', 'mp3'],
]);

/** OpenAI's part for a file: audio of the two formats that it takes, or a document. Chat Completions reads none from a URL. */
export function convertFile({ source, filename = DEFAULT_FILE_NAME }: FilePart): Extension | undefined {
  if (source.kind === 'url') return undefined;
  const format = AUDIO_FORMATS.get(source.mediaType);
  if (format) return { type: 'input_audio', input_audio: { data: source.data, format } } satisfies Audio;
  if (isAudio(source)) return undefined;
  return { type: 'file', file: { filename, file_data: mediaUrl(source) } } satisfies ChatCompletionContentPart.File;
}

type Audio = ChatCompletionContentPartInputAudio;
