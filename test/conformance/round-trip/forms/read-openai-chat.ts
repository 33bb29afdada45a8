import { splitId } from '../arbitraries/signed.ts';
import type { Part, Reading, Said, Settings, Tool } from '../conversation.ts';
import { toArguments } from '../conversation.ts';
import { readUrl } from './media.ts';
import type { ChatBody, ChatMessage, ChatPart } from './openai-chat.ts';

const AUDIO: Readonly<Record<string, string>> = { wav: 'audio/wav', mp3: 'audio/mpeg' };
/** Fields that no other API has. */
const WORDLESS = ['verbosity', 'logprobs', 'logit_bias', 'user', 'prompt_cache_key', 'metadata', 'store'];
/** Fields that the gateway does not offer. */
const UNOFFERED = ['service_tier', 'x_unknown'];

/** What a body of Chat Completions says, whether a client wrote it for the gateway or the gateway for a vendor. */
export function readChatBody(body: ChatBody): Reading {
  const beside = new Set<string>();
  const said = readMessages(body.messages, beside);
  const settings = readSettings(body, beside);
  for (const name of WORDLESS) if (asks(body[name])) beside.add(`${name} was ignored`);
  for (const name of UNOFFERED) if (name in body) beside.add(`/${name} was ignored`);
  const streaming = body.stream_options;
  if (typeof streaming === 'object' && streaming !== null && 'include_obfuscation' in streaming) {
    beside.add('stream_options.include_obfuscation was ignored');
  }
  return { conversation: { said, settings }, beside };
}

function asks(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

function readMessages(messages: readonly ChatMessage[], beside: Set<string>): Said[] {
  const names = new Map<string, string | null>();
  return messages.flatMap((message, index): Said[] => {
    if (message.name !== undefined) beside.add('name of a message was ignored');
    if (message.x_extra !== undefined) beside.add(`/messages/${index}/x_extra was ignored`);
    const parts = partsOf(message.content);
    const isLeftOut = names.get(splitId(message.tool_call_id ?? '').id) === null;
    if (!isLeftOut && parts.some((part) => part.prompt_cache_breakpoint)) beside.add('prompt_cache_breakpoint was');
    switch (message.role) {
      case 'system':
      case 'developer':
        return parts.map(({ text = '' }) => ({ by: 'system', text }));
      case 'user':
        return parts.flatMap((part) => readPart(part, beside).map((read) => ({ by: 'user', part: read }) as const));
      case 'assistant':
        return readAssistant(message, names, beside);
      default: {
        const { id } = splitId(message.tool_call_id ?? '');
        if (isLeftOut) return [];
        const name = names.get(id);
        const content = parts.flatMap((part) => readPart(part, beside));
        return [{ by: 'tool', id, name: name ?? 'no such call', content, isError: false }];
      }
    }
  });
}

function partsOf(content: ChatMessage['content']): readonly ChatPart[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
}

/** Thoughts come first, then what is said, then the calls. */
function readAssistant(message: ChatMessage, names: Map<string, string | null>, beside: Set<string>): Said[] {
  const calls = (message.tool_calls ?? []).flatMap((call): Said[] => {
    const { id, ...signed } = splitId(call.id);
    names.set(id, call.function?.name ?? null);
    if (call.function) {
      const { name, arguments: text } = call.function;
      return [{ by: 'call', id, name, arguments: toArguments(text), ...signed }];
    }
    beside.add(`tool calls of type ${call.type} were ignored`);
    return [];
  });
  // A message of nothing but calls that are not offered goes with them, and the thoughts behind them too.
  if (calls.length === 0 && message.tool_calls?.length && !message.content?.length && !message.refusal) return [];
  const texts = partsOf(message.content).flatMap((part): Said[] => {
    if (part.thinking) return part.thinking.map(({ text }) => ({ by: 'thought', text }));
    return [{ by: 'assistant', text: part.text ?? part.refusal ?? '' }];
  });
  if (message.refusal) texts.push({ by: 'assistant', text: message.refusal });
  return [...readThoughts(message, beside), ...texts, ...calls];
}

function readThoughts(
  { reasoning_content: text, reasoning_details: details }: ChatMessage,
  beside: Set<string>,
): Said[] {
  const thoughts = (details ?? []).flatMap(({ type, text: thought, signature }): Said[] => {
    if (type === 'reasoning.text') return [{ by: 'thought', text: thought ?? '', ...(signature && { signature }) }];
    beside.add(`reasoning_details of type ${type} were ignored`);
    return [];
  });
  return thoughts.length > 0 || !text ? thoughts : [{ by: 'thought', text }];
}

function readPart(part: ChatPart, beside: Set<string>): Part[] {
  if (part.image_url) {
    const { url, detail } = part.image_url;
    return [{ kind: 'image', media: readUrl(url), ...(detail && { detail }) }];
  }
  if (part.input_audio) {
    const { data, format } = part.input_audio;
    return [{ kind: 'file', media: { bytes: data, type: AUDIO[format] ?? format } }];
  }
  if (part.document_url !== undefined) return [toFile(part.document_url, part.document_name)];
  if (part.file_url) {
    const { url } = part.file_url;
    const name = part.file_name === undefined ? {} : { name: part.file_name };
    return [{ kind: 'file', media: url.startsWith('https:') ? { url } : { bytes: url }, ...name }];
  }
  if (part.file) {
    const { file_data: data, filename } = part.file;
    if (data !== undefined)
      return [toFile(data.startsWith('data:') ? data : `data:application/pdf;base64,${data}`, filename)];
    beside.add('a file by its id was ignored');
    return [];
  }
  return [{ kind: 'text', text: part.text ?? '' }];
}

/** A file that nobody named is called `file` where the API wants a name. */
function toFile(url: string, name: string | undefined): Part {
  return { kind: 'file', media: readUrl(url), ...(name !== undefined && name !== 'file' && { name }) };
}

function readSettings(body: ChatBody, beside: Set<string>): Settings {
  const { stop, response_format: format } = body;
  const stops = typeof stop === 'string' ? [stop] : (stop ?? []);
  const tools = readTools(body.tools ?? [], beside);
  return {
    ...number('limit', body.max_completion_tokens ?? body.max_tokens),
    ...number('temperature', body.temperature),
    ...number('topP', body.top_p),
    ...number('topK', body.top_k),
    ...number('frequencyPenalty', body.frequency_penalty),
    ...number('presencePenalty', body.presence_penalty),
    ...number('seed', body.seed ?? body.random_seed),
    ...(stops.length > 0 && { stop: stops }),
    ...(typeof body.reasoning_effort === 'string' && { effort: body.reasoning_effort }),
    ...readFormat(format),
    ...readChoice(body, tools, beside),
  };
}

function number(name: keyof Settings, value: unknown): Settings {
  return typeof value === 'number' ? { [name]: value } : {};
}

function readFormat(format: ChatBody['response_format']): Settings {
  if (format == null || format.type === 'text') return {};
  if (!format.json_schema) return { format: {} };
  const { name, schema, description, strict } = format.json_schema;
  return {
    format: {
      ...(name !== 'response' && { name }),
      schema,
      ...(description && { description }),
      ...(strict != null && { strict }),
    },
  };
}

function readTools(tools: NonNullable<ChatBody['tools']>, beside: Set<string>): Tool[] {
  return tools.flatMap(({ type, function: tool }): Tool[] => {
    if (!tool) {
      beside.add(`tools of type ${type} were ignored`);
      return [];
    }
    const { name, description, parameters, strict } = tool;
    const schema = parameters ?? { type: 'object', properties: {} };
    return [{ name, schema, ...(description && { description }), ...(strict != null && { strict }) }];
  });
}

/** Where there is no tool, there is nothing to choose. `allowed_tools` offers no others. */
function readChoice(
  { tool_choice: choice, parallel_tool_calls: parallel }: ChatBody,
  offered: Tool[],
  beside: Set<string>,
) {
  if (offered.length === 0) {
    if (choice != null && choice !== 'auto' && choice !== 'none') beside.add('tool_choice without tools was ignored');
    return {};
  }
  const allowed =
    typeof choice === 'object' ? choice?.allowed_tools?.tools.map((tool) => tool.function?.name) : undefined;
  const tools = allowed ? offered.filter(({ name }) => allowed.includes(name)) : offered;
  if (tools.length === 0) return {};
  const all = { tools, ...(typeof parallel === 'boolean' && { parallel }) };
  if (choice == null) return all;
  if (typeof choice === 'string') return { ...all, choice: choice === 'any' ? 'required' : choice };
  if (choice.function) return { ...all, choice: { name: choice.function.name } };
  if (choice.allowed_tools) {
    return { ...all, choice: choice.allowed_tools.mode };
  }
  beside.add(`tool_choice of type ${choice.type} was ignored`);
  return all;
}
