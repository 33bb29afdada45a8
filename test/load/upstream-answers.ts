/**
 * How the upstream writes a stream: `burst` every event at once, each in a write of its own; `paced` with a pause before
 * the next, as a model has it; `slow` in bursts with long pauses, to see when they arrive.
 */
export const PACES = ['burst', 'paced', 'slow'] as const;
export type Pace = (typeof PACES)[number];

/** Words in a request that ask the upstream for a pace. */
export const PACE_MARKS: Readonly<Record<Pace, string>> = {
  burst: 'Be quick.',
  paced: 'Keep a steady pace.',
  slow: 'Take your time.',
};
/** Between two events of a paced stream. Shorter than a model's, so that there are streams enough to measure. */
export const EVENT_GAP_MS = 2;
/** Events of a slow stream between two pauses, and how long a pause is. */
export const EVENTS_PER_BURST = 10;
export const PAUSE_MS = 20;

const WORDS = 'A lease of permits lets an isolate admit requests by itself until it is used up or old'.split(' ');
const DELTAS = 60;
const USAGE = {
  prompt_tokens: 211,
  completion_tokens: 84,
  total_tokens: 295,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
};
const COMMON = { created: 1_763_780_000, model: 'gpt-4o-mini-2024-07-18', service_tier: 'default' };

/** What the model writes, in the pieces in which it is streamed. */
const pieces = Array.from({ length: DELTAS }, (_, index) => ` ${WORDS[index % WORDS.length]}`);

/** A chat answer that comes at once: https://platform.openai.com/docs/api-reference/chat/object */
export const ANSWER = JSON.stringify({
  id: 'chatcmpl-AbCdEf1234567890',
  object: 'chat.completion',
  ...COMMON,
  system_fingerprint: 'fp_0123456789',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: pieces.join(''), refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: USAGE,
});

/** The same as 64 events, with a chunk of usage: https://platform.openai.com/docs/api-reference/chat-streaming */
export const EVENTS: readonly string[] = [
  delta({ role: 'assistant', content: '' }, null),
  ...pieces.map((content) => delta({ content }, null)),
  delta({}, 'stop'),
  chunk({ choices: [], usage: USAGE }),
  'data: [DONE]\n\n',
];

function delta(content: object, finishReason: string | null): string {
  return chunk({ choices: [{ index: 0, delta: content, logprobs: null, finish_reason: finishReason }], usage: null });
}

function chunk(fields: object): string {
  const data = {
    id: 'chatcmpl-AbCdEf1234567890',
    object: 'chat.completion.chunk',
    ...COMMON,
    system_fingerprint: 'fp_0123456789',
    ...fields,
  };
  return `data: ${JSON.stringify(data)}\n\n`;
}
