import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { findFreePort } from './free-port.ts';

const WORDS = ['Hello', ' from', ' a', ' scripted', ' provider.'];
const USAGE = { prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 };
/** Larger than any buffer between the provider and a client that does not read. */
const FLOOD_CHUNK = 'x'.repeat(16 * 1024);
const FLOOD_CHUNKS = 4_000;

/** Answers that come at once: one without a word of usage, and one to a legacy completion. */
const WHOLE_ANSWERS: Readonly<Record<string, object>> = {
  'silent-answer': {
    id: 'x',
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content: 'No word of usage.' }, finish_reason: 'stop' }],
  },
  'text-answer': {
    id: 'x',
    object: 'text_completion',
    model: 'gpt-3.5-turbo-instruct',
    choices: [{ index: 0, text: ' a time.', finish_reason: 'stop', logprobs: null }],
    usage: { prompt_tokens: 2, completion_tokens: 3, total_tokens: 5 },
  },
};

interface Call {
  /** How many calls the test has made, this one included. */
  readonly count: number;
  /** Bytes that the provider could hand to the network. */
  sent: number;
  /** How the provider saw the call end. */
  end: 'open' | 'finished' | 'aborted';
  /** Lets a `stepwise` answer go on by one chunk. */
  step: () => void;
}

/**
 * A provider in OpenAI's streaming format (https://platform.openai.com/docs/api-reference/chat-streaming), or where it is
 * asked for messages in Anthropic's (https://platform.claude.com/docs/en/build-with-claude/streaming), whose behaviour is
 * the first segment of its path, for what a well-behaved mock cannot play:
 * `cut-K` breaks the connection behind K chunks, `halve-K` within the next one, `end-K` ends the answer behind them, `stepwise` waits for `/control/step/ID` before each chunk, `flood`
 * writes far beyond any limit, `fails-1st-and-7th` answers its first and seventh call with 500, `fails-1st-to-3rd` its first three, `fails-always` each, `hang` answers never, `redirect` leads to a `silent-answer`, `error` sends an error event, `silent` tells no usage. A script is
 * followed by `~ID`, the test's own, and `/control/call/ID` tells of the last call of that test.
 */
export async function startScriptedProvider(): Promise<{ url: string; close: () => void }> {
  const calls = new Map<string, Call>();
  const server = createServer(async (request, response) => {
    const [, first = '', action = '', subject = ''] = request.url?.split('/') ?? [];
    if (first === 'control') {
      const call = calls.get(subject);
      if (action === 'step') call?.step();
      response.end(JSON.stringify({ count: call?.count ?? 0, sent: call?.sent, end: call?.end }));
      return;
    }
    const [script = '', id = ''] = first.split('~');
    await readAll(request);
    const chunks = request.url?.endsWith('/messages') ? messageEventsOf(script) : chunksOf(script);
    const call: Call = { count: (calls.get(id)?.count ?? 0) + 1, sent: 0, end: 'open', step: () => {} };
    calls.set(id, call);
    response.on('close', () => {
      if (call.end === 'open') call.end = 'aborted';
    });
    if (script === 'redirect')
      response.writeHead(307, { location: request.url?.replace('redirect', 'silent-answer') }).end();
    else await play(script, chunks, call, response);
  });
  const port = await findFreePort();
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

async function play(script: string, chunks: string[], call: Call, response: ServerResponse): Promise<void> {
  if (script === 'hang') return;
  if (script.startsWith('fails-')) {
    const failing: Readonly<Record<string, boolean>> = {
      'fails-always': true,
      'fails-1st-and-7th': call.count === 1 || call.count === 7,
      'fails-1st-to-3rd': call.count <= 3,
    };
    const status = failing[script] ? 500 : 200;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(WHOLE_ANSWERS['silent-answer']));
    return;
  }
  const whole = WHOLE_ANSWERS[script];
  if (whole) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(whole));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  const [, fault, count] = /^(cut|halve|end)-(\d+)$/.exec(script) ?? [];
  for (const [index, chunk] of chunks.entries()) {
    if (index === Number(count)) {
      if (fault === 'end') break;
      if (fault === 'halve') response.write(chunk.slice(0, chunk.length / 2));
      if (fault === 'halve') await new Promise((resolve) => setTimeout(resolve, 20)); // else the network joins the two
      response.destroy();
      return;
    }
    if (script === 'stepwise') await new Promise<void>((resolve) => (call.step = resolve));
    if (response.destroyed) return;
    if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    if (response.destroyed) return;
    call.sent += chunk.length;
    if (fault !== undefined) await new Promise(setImmediate);
  }
  call.end = 'finished';
  response.end();
}

function chunksOf(script: string): string[] {
  const chunk = (fields: object) =>
    `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', model: 'scripted', ...fields })}\n\n`;
  const delta = (content: string, finish_reason: string | null = null) =>
    chunk({ choices: [{ index: 0, delta: { content }, finish_reason }] });
  if (script === 'error')
    return [
      `data: ${JSON.stringify({ error: { message: 'overloaded', type: 'server_error', code: 'server_error' } })}\n\n`,
    ];
  if (script === 'flood') return Array.from({ length: FLOOD_CHUNKS }, () => delta(FLOOD_CHUNK));
  const words = WORDS.map((word) => delta(word));
  const usage = script === 'silent' ? [] : [chunk({ choices: [], usage: USAGE })];
  return [...words, delta('', 'stop'), ...usage, 'data: [DONE]\n\n'];
}

function messageEventsOf(script: string): string[] {
  const event = (type: string, fields: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
  const delta = (text: string) => event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } });
  if (script === 'error') return [event('error', { error: { type: 'overloaded_error', message: 'overloaded' } })];
  if (script === 'flood') return Array.from({ length: FLOOD_CHUNKS }, () => delta(FLOOD_CHUNK));
  const [input, output] = [USAGE.prompt_tokens, USAGE.completion_tokens];
  const message = { id: 'x', type: 'message', role: 'assistant', model: 'scripted', content: [], stop_reason: null };
  return [
    event('message_start', { message: { ...message, usage: { input_tokens: input, output_tokens: 1 } } }),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    ...WORDS.map(delta),
    event('content_block_stop', { index: 0 }),
    event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: output } }),
    event('message_stop', {}),
  ];
}

async function readAll(request: IncomingMessage): Promise<void> {
  for await (const _ of request) {
    // the request's content does not matter here
  }
}
