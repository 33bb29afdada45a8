import fc from 'fast-check';

const VALUES = [
  ...['1e400', '-1e400', '-0', '100000000000000000000', '1e-400', '0.1e1', 'null', 'true', '[]', '{}', '""', '[null]'],
  ...['"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udc00\\ud800"', '"\ufeff"', '"\\u202e"', `"${'x'.repeat(3_000)}"`],
  ...[
    'NaN',
    'Infinity',
    '01',
    '+1',
    '.5',
    '1.',
    '0x10',
    "'a'",
    'undefined',
    '"\\x"',
    '"\\u12"',
    '"a\nb"',
    '// a',
    '"\0"',
  ],
  ...[
    '{"a":1,"a":2}',
    '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]',
    '{"__proto__":{"polluted":1}}',
  ],
];

/** Bytes as broken clients and attackers send them, made of a valid JSON text. Some are valid after all, and may be served. */
export function malformedBodies(valid: string): fc.Arbitrary<Uint8Array> {
  const encoder = new TextEncoder();
  const members = [...valid.matchAll(/("[^"]*":)("[^"]*"|-?[\d.]+|true|false|null|\[|\{)/g)];
  const tokens = [...valid.matchAll(/"[^"]*"(?!:)|\btrue\b|\bfalse\b|-?\b\d+\b/g)];
  const splice = (at: number, length: number, text: string) => valid.slice(0, at) + text + valid.slice(at + length);
  const texts = fc.oneof(
    fc.nat(Math.max(0, valid.length - 1)).map((length) => valid.slice(0, length)),
    fc
      .tuple(fc.nat(valid.length), fc.nat(3), fc.string({ unit: 'binary' }))
      .map(([at, cut, text]) => splice(at, cut, text)),
    fc.constantFrom(...VALUES),
    fc.constantFrom(
      '',
      ' ',
      '\0',
      '\ufeff',
      '"',
      '{',
      '{]',
      `${valid}${valid}`,
      `${valid}\0`,
      `\ufeff${valid}`,
      `[${valid}]`,
    ),
    fc.jsonValue().map((value) => JSON.stringify(value)),
    ...(tokens.length === 0
      ? []
      : [
          fc
            .tuple(fc.constantFrom(...tokens), fc.constantFrom(...VALUES))
            .map(([{ index, 0: token }, value]) => splice(index, token.length, value)),
        ]),
    ...(members.length === 0
      ? []
      : [
          fc
            .tuple(fc.constantFrom(...members), fc.constantFrom(...VALUES))
            .map(([{ index, 1: name = '' }, value]) => splice(index, 0, `${name}${value},`)), // its name is there twice
        ]),
  );
  const bytes = fc.tuple(texts, fc.nat(), fc.constantFrom(0xff, 0xc0, 0x80, 0xed)).map(([text, at, byte]) => {
    const whole = encoder.encode(text);
    if (whole.length > 0) whole[at % whole.length] = byte; // so that it is no UTF-8
    return whole;
  });
  return fc.oneof({ weight: 9, arbitrary: texts.map((text) => encoder.encode(text)) }, bytes);
}
