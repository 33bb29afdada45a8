/**
 * How the upstream writes a stream: `burst` every event at once, each in a write of its own; `paced` with a pause before
 * the next, as a model has it; `slow` in bursts with long pauses, to see when they arrive.
 */
export const STREAM_PACES = ['burst', 'paced', 'slow'] as const;
/** How it answers a request whole: immediately, or after `THINKING_MS`. */
const WHOLE_PACES = ['at-once', 'thinking'] as const;
/** The same, but with status 500 for a share of the requests: `FAILING_SHARES`. */
export const FAILING_PACES = ['at-once, one in ten failing', 'at-once, every other failing', 'failing'] as const;
export const PACES = [...STREAM_PACES, ...WHOLE_PACES, ...FAILING_PACES] as const;
export type StreamPace = (typeof STREAM_PACES)[number];
export type FailingPace = (typeof FAILING_PACES)[number];
export type Pace = (typeof PACES)[number];

/** Words in a request that ask the upstream for a pace. */
export const PACE_MARKS: Readonly<Record<Pace, string>> = {
  burst: 'Be quick.',
  paced: 'Keep a steady pace.',
  slow: 'Take your time.',
  'at-once': 'Answer whole.',
  thinking: 'Think first.',
  'at-once, one in ten failing': 'Fail now and then.',
  'at-once, every other failing': 'Fail often.',
  failing: 'Always fail.',
};

export const FAILING_SHARES: Readonly<Record<FailingPace, number>> = {
  'at-once, one in ten failing': 0.1,
  'at-once, every other failing': 0.5,
  failing: 1,
};

/** Where the upstream plays a provider with outages, and what begins and ends one, by PUT. */
export const OUTAGE_PATH = '/outage/';
export const OUTAGE_BEGINS = '/outage-begins';
export const OUTAGE_ENDS = '/outage-ends';

export function isFailingPace(pace: Pace): pace is FailingPace {
  return FAILING_PACES.some((each) => each === pace);
}

export function isStreamPace(pace: Pace): pace is StreamPace {
  return STREAM_PACES.some((each) => each === pace);
}

/** What a `thinking` upstream waits before its answer. */
export const THINKING_MS = 20;
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

/** What a failing upstream says: https://platform.openai.com/docs/guides/error-codes/api-errors */
export const FAILURE = JSON.stringify({
  error: { message: 'The server had an error while processing your request.', type: 'server_error', code: null },
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
