/** What the user's message says decides what the mock answers. */
export const SAYS = {
  hello: 'conformance: hello',
  long: 'conformance: tell me everything',
  tool: 'conformance: weather in Paris',
  parallelTools: 'conformance: weather in Paris and Rome',
  json: 'conformance: as JSON',
  embed: 'conformance: embed',
  rateLimited: 'conformance: too fast',
  unauthorized: 'conformance: who am I',
  crashed: 'conformance: crash',
  overloaded: 'conformance: overload',
  garbled: 'conformance: garble',
  slow: 'conformance: take your time',
} as const;

export const USAGE = { inputTokens: 11, outputTokens: 7 };
/** Short enough for one chunk of the mock's, which is 20 characters. */
export const HELLO = 'Hello there.';
export const STORY = 'Once upon a time there was a stream that nobody ever saw the end of.';
export const PARIS = { id: 'call_paris', name: 'get_weather', arguments: '{"city":"Paris"}' };
export const ROME = { id: 'call_rome', name: 'get_weather', arguments: '{"city":"Rome"}' };
export const JSON_ANSWER = '{"city":"Paris","celsius":21}';
export const VECTOR = [0.25, -0.5, 1];
