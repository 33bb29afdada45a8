import type { ChatMessage, ChatRequest } from '../../../shared/providers/contract.ts';
import { type Send, send } from './providers.ts';

/** Providers' conversions with a fault each, to tell that the check would find it. */
export const FAULTS: readonly { readonly fault: string; readonly faulty: Send }[] = [
  { fault: 'a tool result is dropped', faulty: changing(dropLast(({ role }) => role === 'tool')) },
  { fault: 'an image is dropped', faulty: changing(dropImage) },
  { fault: 'a message is dropped', faulty: changing(dropLast(({ role }) => role !== 'tool')) },
  { fault: 'two parallel calls are swapped', faulty: changing(swapCalls) },
  { fault: 'the arguments of a call are dropped', faulty: changing(emptyCalls) },
  { fault: 'the output limit is raised', faulty: changing((request) => ({ ...request, maxOutputTokens: 1_000_001 })) },
  { fault: 'the temperature is dropped', faulty: changing(({ temperature: _, ...request }) => request) },
  {
    fault: 'a warning is swallowed',
    faulty: async (...call) => ({ body: (await send(...call)).body, warnings: [] }),
  },
  {
    fault: 'a warning is made up',
    faulty: async (...call) => ({ body: (await send(...call)).body, warnings: ['images were ignored'] }),
  },
];

function changing(change: (request: ChatRequest) => ChatRequest): Send {
  return (provider, request) => send(provider, change(request));
}

function dropLast(isIt: (message: ChatMessage) => boolean) {
  return (request: ChatRequest): ChatRequest => {
    const last = request.messages.findLastIndex(isIt);
    return { ...request, messages: request.messages.filter((_, index) => index !== last) };
  };
}

function dropImage(request: ChatRequest): ChatRequest {
  const messages = request.messages.map((message): ChatMessage => {
    if (message.role !== 'user' || typeof message.content === 'string') return message;
    return { ...message, content: message.content.filter(({ type }) => type !== 'image') };
  });
  return { ...request, messages };
}

function swapCalls(request: ChatRequest): ChatRequest {
  const messages = request.messages.map((message): ChatMessage => {
    if (message.role !== 'assistant' || !message.toolCalls) return message;
    return { ...message, toolCalls: message.toolCalls.toReversed() };
  });
  return { ...request, messages };
}

function emptyCalls(request: ChatRequest): ChatRequest {
  const messages = request.messages.map((message): ChatMessage => {
    if (message.role !== 'assistant' || !message.toolCalls) return message;
    return { ...message, toolCalls: message.toolCalls.map((call) => ({ ...call, arguments: '{}' })) };
  });
  return { ...request, messages };
}
