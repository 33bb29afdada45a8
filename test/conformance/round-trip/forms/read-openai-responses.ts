import { splitId } from '../arbitraries/signed.ts';
import type { Part, Reading, Said, Settings, Tool } from '../conversation.ts';
import { toArguments } from '../conversation.ts';
import { readUrl } from './media.ts';
import type { ResponsesBody, ResponsesItem, ResponsesPart } from './openai-responses.ts';

/** What a body of Responses says. */
export function readResponsesBody(body: ResponsesBody): Reading {
  const reader = new Reader();
  const { instructions, input } = body;
  const head: ResponsesItem[] = instructions ? [{ role: 'system', content: instructions }] : [];
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
  for (const item of [...head, ...items]) reader.read(item);
  reader.endTurn();
  loseExtras(body, reader.beside);
  return { conversation: { said: reader.said, settings: readSettings(body, reader.beside) }, beside: reader.beside };
}

class Reader {
  readonly beside = new Set<string>();
  readonly said: Said[] = [];
  readonly #names = new Map<string, string>();
  #calls: Said[] = [];

  /** Calls of an assistant come last of what it says before another speaks. */
  endTurn(): void {
    this.said.push(...this.#calls);
    this.#calls = [];
  }

  read(item: ResponsesItem): void {
    if (item.phase != null) this.beside.add('phase of a message was ignored');
    if (item.role !== undefined) {
      this.#readMessage(item.role, partsOf(item.content));
      return;
    }
    const { id, ...signed } = splitId(item.call_id ?? '');
    switch (item.type) {
      case 'reasoning': {
        const thoughts = partsOf(item.content?.length ? item.content : item.summary);
        const text = thoughts.map((part) => part.text ?? '').join('\n\n');
        const signature = item.encrypted_content || undefined;
        if (text !== '' || signature) this.#say({ by: 'thought', text, ...(signature && { signature }) });
        return;
      }
      case 'function_call':
        this.#names.set(id, item.name ?? '');
        this.#calls.push({
          by: 'call',
          id,
          name: item.name ?? '',
          arguments: toArguments(item.arguments ?? ''),
          ...signed,
        });
        return;
      case 'function_call_output': {
        this.endTurn();
        const content = partsOf(item.output).flatMap((part) => this.#readPart(part));
        this.said.push({ by: 'tool', id, name: this.#names.get(id) ?? 'no such call', content, isError: false });
        return;
      }
      default:
        this.beside.add(`an item of type ${item.type} was ignored`);
    }
  }

  #readMessage(role: string, parts: readonly ResponsesPart[]): void {
    if (role !== 'assistant') this.endTurn();
    for (const part of parts.flatMap((each) => this.#readPart(each))) {
      if (role === 'user') this.said.push({ by: 'user', part });
      else if (part.kind === 'text' && role === 'assistant' && part.text)
        this.#say({ by: 'assistant', text: part.text });
      else if (part.kind === 'text' && role !== 'assistant') this.said.push({ by: 'system', text: part.text });
    }
  }

  #say(thing: Said): void {
    if (this.#calls.length > 0) this.beside.add('what came after a function_call was moved ahead of it');
    this.said.push(thing);
  }

  #readPart(part: ResponsesPart): Part[] {
    const { file_data: data, file_url: url, filename, detail, type } = part;
    const text = part.text ?? part.refusal;
    if (text !== undefined) return [{ kind: 'text', text }];
    if (part.file_id != null) {
      this.beside.add(`${type} by its file_id was ignored`);
      return [];
    }
    if (part.image_url != null) return [{ kind: 'image', media: readUrl(part.image_url), ...(detail && { detail }) }];
    const isBare = data != null && !data.startsWith('data:');
    const media = isBare ? { bytes: data, type: 'application/pdf' } : readUrl(data ?? url ?? '');
    return [{ kind: 'file', media, ...(filename && { name: filename }) }];
  }
}

function partsOf(content: string | readonly ResponsesPart[] | null | undefined): readonly ResponsesPart[] {
  return typeof content === 'string' ? [{ type: 'input_text', text: content }] : (content ?? []);
}

function loseExtras(body: ResponsesBody, beside: Set<string>): void {
  for (const name of ['service_tier', 'x_unknown']) if (name in body) beside.add(`/${name} was ignored`);
  for (const name of ['user', 'prompt_cache_key']) if (body[name] != null) beside.add(`${name} was ignored`);
  if (body.store) beside.add('store was ignored');
  if (body.truncation === 'auto') beside.add('truncation auto was ignored');
  if (body.stream_options?.include_obfuscation) beside.add('stream_options.include_obfuscation was ignored');
  if (body.text?.verbosity) beside.add('text.verbosity was ignored');
  if (body.reasoning?.summary === 'detailed') beside.add('reasoning.summary detailed was ignored');
  if (body.include?.includes('file_search_call.results')) beside.add('include file_search_call.results was ignored');
}

function readSettings(body: ResponsesBody, beside: Set<string>): Settings {
  const { max_output_tokens: limit, temperature, top_p: topP, reasoning } = body;
  return {
    ...(typeof limit === 'number' && { limit }),
    ...(typeof temperature === 'number' && { temperature }),
    ...(typeof topP === 'number' && { topP }),
    ...(reasoning?.effort && { effort: reasoning.effort }),
    ...readFormat(body),
    ...readTools(body, beside),
  };
}

function readFormat({ text }: ResponsesBody): Settings {
  const format = text?.format;
  if (!format || format.type === 'text') return {};
  const { name, schema, description, strict } = format;
  if (format.type === 'json_object') return { format: {} };
  return {
    format: { ...(name && { name }), schema, ...(description && { description }), ...(strict != null && { strict }) },
  };
}

/** `allowed_tools` offers no others. */
function readTools(body: ResponsesBody, beside: Set<string>): Settings {
  const { tools: offered, tool_choice: choice, parallel_tool_calls: parallel } = body;
  const allowed = typeof choice === 'object' ? choice?.tools?.map(({ name }) => name) : undefined;
  const tools = (offered ?? []).flatMap(({ type, name = '', description, parameters, strict }): Tool[] => {
    if (type !== 'function') beside.add(`a tool of type ${type} was ignored`);
    if (type !== 'function' || (allowed && !allowed.includes(name))) return [];
    const schema = parameters ?? { type: 'object', properties: {} };
    return [{ name, schema, ...(description && { description }), ...(strict != null && { strict }) }];
  });
  if (tools.length === 0) {
    if (choice != null && choice !== 'auto' && choice !== 'none') beside.add('tool_choice without tools was ignored');
    return {};
  }
  const all: Settings = { tools, ...(typeof parallel === 'boolean' && { parallel }) };
  if (choice == null) return all;
  if (typeof choice === 'string') return { ...all, choice };
  if (choice.type === 'function') return { ...all, choice: { name: choice.name ?? '' } };
  if (choice.mode !== undefined) return { ...all, choice: choice.mode };
  beside.add(`tool_choice of type ${choice.type} was ignored`);
  return all;
}
