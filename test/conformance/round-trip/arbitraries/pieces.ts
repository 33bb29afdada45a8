import * as fc from 'fast-check';

const SAMPLES = [
  'What is in this picture?',
  'line one\nline two\r\n\tthree',
  '"quoted" \\ back\\slash',
  'ключ 鍵 🔑 é',
  '{"json": [1, "two"]}',
  '<tag>&amp;</tag>',
  ' ',
  '0',
];

/** Text that says something. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...SAMPLES),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
);
/** Text that may be empty. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 9, arbitrary: text },
  { weight: 1, arbitrary: fc.constant('') },
);

/** Parts of a user's message, and among them one that every provider can read: a message without any is refused. */
export function readable<T>(parts: fc.Arbitrary<T>, texts: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc
    .tuple(fc.array(parts, { maxLength: 3 }), texts, fc.nat(3))
    .map(([others, said, place]) => others.toSpliced(place, 0, said));
}

export const base64: fc.Arbitrary<string> = fc
  .uint8Array({ minLength: 1, maxLength: 9 })
  .map((bytes) => Buffer.from(bytes).toString('base64'));
export const textBase64: fc.Arbitrary<string> = text.map((value) => Buffer.from(value).toString('base64'));
export const httpsUrl: fc.Arbitrary<string> = fc
  .nat(999)
  .map((number) => `https://files.example.com/${number}/%C3%A9?a=1&b=${number}#f`);
export const filename: fc.Arbitrary<string> = fc.constantFrom('report.pdf', 'naïve "name".txt', 'a b.csv');

/** Types of images that every provider reads, and two that not every one does. */
export const imageType: fc.Arbitrary<string> = fc.constantFrom(
  ...['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/bmp', 'image/heic'],
);

/** A file inline, as a `data:` URL. */
export const dataUrlOfFile: fc.Arbitrary<string> = fc.oneof(
  base64.map((data) => `data:application/pdf;base64,${data}`),
  base64.map((data) => `data:application/zip;base64,${data}`),
  base64.map((data) => `data:audio/ogg;base64,${data}`),
  base64.map((data) => `data:audio/mpeg;base64,${data}`),
  textBase64.map((data) => `data:text/csv;base64,${data}`),
);

export const toolName: fc.Arbitrary<string> = fc.constantFrom('get_weather', 'search', 'run-query', 'T3');

/** Ids as the vendors make them, with characters that not every one of them takes, and some that begin or end alike. */
export const callId: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom('call_', 'toolu_', 'functions.search:', 'chatcmpl-tool-', ''),
        fc.stringMatching(/^[0-9a-zA-Z]{10}$/),
      )
      .map(([prefix, rest]) => `${prefix}${rest}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.stringMatching(/^[0-9a-zA-Z]{10}$/), fc.constantFrom('_get_weather', '_run-query'))
      .map((pieces) => pieces.join('')),
  },
  { weight: 1, arbitrary: fc.stringMatching(/^[0-9a-zA-Z]{9}$/) },
);
export const signature: fc.Arbitrary<string> = fc.constantFrom('c2lnbmVk', 'a+/b==', 'ünsigned');

export const jsonObject: fc.Arbitrary<Record<string, unknown>> = fc.dictionary(
  fc.oneof(fc.constantFrom('city', 'unit', 'naïve key', '__proto__'), fc.string({ maxLength: 4 })),
  fc.oneof(
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.constant([1, { a: [] }]),
  ),
  { maxKeys: 3 },
);
/** Arguments of a call as a model wrote them, malformed ones included. */
export const argumentsText: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: jsonObject.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.constantFrom('', '{"city": "Par', '[1]', 'null', '"text"', '{ "a" : 1 }') },
);

const plainSchema = fc.oneof(
  fc.constantFrom<object>({ type: 'integer' }, { type: 'boolean' }, { type: 'number', description: 'How much' }),
  fc.constantFrom<object>({ type: 'string', enum: ['c', 'f'] }, { type: 'string', format: 'date-time' }),
  fc.constantFrom<object>({ type: 'string', pattern: '^a+$' }, { type: 'string', description: 'A name', minLength: 2 }),
  fc.constantFrom<object>({ type: 'array', items: { type: 'string' } }),
);

/** A schema of closed objects; some of its keywords bind with no provider but OpenAI. */
export const schema: fc.Arbitrary<{ type: 'object'; [keyword: string]: unknown }> = fc
  .tuple(
    fc.dictionary(fc.constantFrom('city', 'unit', 'when', 'type', 'properties'), plainSchema, { maxKeys: 3 }),
    fc.boolean(),
  )
  .map(([properties, isNested]) =>
    isNested ? toObject({ ...properties, inner: toObject(properties) }) : toObject(properties),
  );

function toObject(properties: object): { type: 'object'; [keyword: string]: unknown } {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

/** `arbitrary` or `null`, which says as little as nothing. */
export function orNull<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.option(arbitrary, { nil: null, freq: 8 });
}

/** An object of which every field may be absent. */
export function partial<T>(fields: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) {
  return fc.record(fields, { requiredKeys: [] });
}
