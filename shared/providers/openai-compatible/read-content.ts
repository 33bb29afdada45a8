import type { Source } from '../contract.ts';
import { annotations, type ContentParts } from './schemas.ts';

/** What a message or a delta says, and what it thinks. */
export interface Content {
  readonly text: string;
  readonly reasoning: string;
}

/** Reads content that comes in parts: text, and thoughts as Mistral's `thinking` has them. */
export function readParts(parts: ContentParts): Content {
  let text = '';
  let reasoning = '';
  for (const part of parts) {
    text += part.text ?? '';
    const { thinking } = part;
    if (thinking) reasoning += typeof thinking === 'string' ? thinking : thinking.map((it) => it.text ?? '').join('');
  }
  return { text, reasoning };
}

/** The sources that `annotations` cite. */
export function readAnnotations(value: unknown): Source[] {
  return annotations.parse(value).flatMap(({ url_citation: citation }): Source[] => {
    if (!citation) return [];
    return [citation.title ? { url: citation.url, title: citation.title } : { url: citation.url }];
  });
}
