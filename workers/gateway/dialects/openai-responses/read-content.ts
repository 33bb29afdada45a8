import type { OpenAiResponsesItem } from '../../../../shared/contracts/http/openai/response-items.ts';
import type { DomainError } from '../../../../shared/errors/domain-error.ts';
import { err, ok, type Result } from '../../../../shared/errors/result.ts';
import type { FilePart, ImagePart, TextPart } from '../../../../shared/providers/contract.ts';
import { ignored } from '../../../../shared/providers/convert/warn-unsupported.ts';
import { readDataUrl, readFileData, readHttpsUrl } from '../media-source.ts';
import { invalid } from './refusals.ts';

type Message = Extract<OpenAiResponsesItem, { role: unknown }>;
/** A part of a message or of a function's output. */
export type ContentPart = Exclude<Message['content'], string>[number];

type InputPart = TextPart | ImagePart | FilePart;

/**
 * The parts of one message. An empty text says nothing and is left out; so is a file by its id, which is told in
 * `warnings`. Refuses media that is neither inline nor at an https URL; `pointer` is that of the list.
 */
export function readContent(
  parts: readonly ContentPart[],
  pointer: string,
  warnings: Set<string>,
): Result<InputPart[], DomainError> {
  const content: InputPart[] = [];
  for (const [index, part] of parts.entries()) {
    const read = readPart(part, `${pointer}/${index}`, warnings);
    if (!read.ok) return read;
    if (read.value) content.push(read.value);
  }
  return ok(content);
}

/** The text of parts that can only be text; others are left out and told in `warnings`. */
export function readTexts(parts: readonly ContentPart[], role: string, warnings: Set<string>): string[] {
  return parts.flatMap((part) => {
    const text = textOf(part);
    if (text === undefined) warnings.add(ignored(`${part.type} in a message of the ${role}`));
    return text ? [text] : [];
  });
}

function textOf(part: ContentPart): string | undefined {
  if (part.type === 'refusal') return part.refusal;
  return part.type === 'input_text' || part.type === 'output_text' ? part.text : undefined;
}

function readPart(part: ContentPart, pointer: string, warnings: Set<string>): Result<InputPart | null, DomainError> {
  if (part.type === 'input_image') return readImage(part, pointer, warnings);
  if (part.type === 'input_file') return readFile(part, pointer, warnings);
  const text = textOf(part);
  return ok(text ? { type: 'text', text } : null);
}

function readImage(
  { image_url: url, file_id: id, detail }: Extract<ContentPart, { type: 'input_image' }>,
  pointer: string,
  warnings: Set<string>,
): Result<ImagePart | null, DomainError> {
  if (url == null) return withoutMedia(id, pointer, 'input_image', warnings);
  const source = readDataUrl(url) ?? readHttpsUrl(url);
  if (!source) return err(invalid(`${pointer}/image_url`, 'must be an https URL or a data URL of base64'));
  if (detail === 'original')
    warnings.add('detail original of an image was taken for high: the provider does not support it');
  return ok({ type: 'image', source, ...(detail && { detail: detail === 'original' ? 'high' : detail }) });
}

function readFile(
  { file_data: data, file_url: url, file_id: id, filename }: Extract<ContentPart, { type: 'input_file' }>,
  pointer: string,
  warnings: Set<string>,
): Result<FilePart | null, DomainError> {
  if (data == null && url == null) return withoutMedia(id, pointer, 'input_file', warnings);
  const source = data == null ? readHttpsUrl(url ?? '') : readFileData(data);
  if (source) return ok({ type: 'file', source, ...(filename && { filename }) });
  return err(
    data == null
      ? invalid(`${pointer}/file_url`, 'must be an https URL')
      : invalid(`${pointer}/file_data`, 'must be base64, or a data URL of base64'),
  );
}

function withoutMedia(
  id: string | null | undefined,
  pointer: string,
  type: string,
  warnings: Set<string>,
): Result<null, DomainError> {
  if (id == null) return err(invalid(pointer, 'must have its bytes or a URL'));
  warnings.add(`${type} by its file_id was ignored: files are not stored here`);
  return ok(null);
}
