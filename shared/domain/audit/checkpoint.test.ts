import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../crypto/sha256.ts';
import { logOrigin, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { fromBase64, type NoteKey, openNote, signNote, toBase64, type VerifyEd25519 } from './signed-note.ts';

const verifyEd25519: VerifyEd25519 = (publicKey, message, signature) => {
  const x = Buffer.from(publicKey).toString('base64url');
  return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature);
};

/** The key and the note of https://c2sp.org/signed-note. */
const EXAMPLE_KEY: NoteKey = {
  name: 'example.com/foo',
  publicKey: Buffer.from('AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k', 'base64').subarray(1),
};
const EXAMPLE_NOTE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;

const ORIGIN = logOrigin('eu', 'a-tenant');
const pair = generateKeyPairSync('ed25519');
const key: NoteKey = {
  name: ORIGIN,
  publicKey: Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
};
const signer = createPrivateKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
const TEXT = writeCheckpoint(ORIGIN, { size: 8, root: sha256(new Uint8Array([8])) });
const signed = () => signNote(sha256, key, TEXT, async (message) => sign(null, message, signer));
const open = (note: string, by = key) => openNote(sha256, by, note, verifyEd25519);

describe('signed notes', () => {
  it('of the specification are opened', () => {
    expect(openNote(sha256, EXAMPLE_KEY, EXAMPLE_NOTE, verifyEd25519)).toBe('This is an example message.\n');
  });

  it('of our own are opened by their key and name, and by no others', async () => {
    const note = await signed();
    expect(open(note)).toBe(TEXT);
    expect(open(note, { ...key, name: logOrigin('eu', 'another-tenant') })).toBeNull();
    expect(open(note, { ...EXAMPLE_KEY, name: ORIGIN })).toBeNull();
  });

  it('may carry signatures of witnesses, in any order', async () => {
    const lines = (await signed()).split('\n');
    const witness = `— witness.example ${toBase64(new Uint8Array(76))}`;
    expect(open([...lines.slice(0, -1), witness, ''].join('\n'))).toBe(TEXT);
    expect(open([...lines.slice(0, -2), witness, ...lines.slice(-2)].join('\n'))).toBe(TEXT);
    expect(open([...lines.slice(0, -1), 'no signature', ''].join('\n'))).toBeNull();
  });

  it('U3: are refused with any bit of the signature flipped, and of the text', async () => {
    const note = await signed();
    const encoded = note.trimEnd().split(' ').at(-1) ?? '';
    const bytes = fromBase64(encoded) ?? new Uint8Array();
    let refused = 0;
    for (let bit = 0; bit < 512; bit++) {
      const changed = Uint8Array.from(bytes);
      const at = 4 + Math.floor(bit / 8);
      changed[at] = (changed[at] ?? 0) ^ (1 << (bit % 8));
      if (open(note.replace(encoded, toBase64(changed))) === null) refused++;
    }
    expect(refused).toBe(512);
    for (let bit = 0; bit < TEXT.length * 8; bit++) {
      const changed = Buffer.from(note);
      const at = Math.floor(bit / 8);
      changed[at] = (changed[at] ?? 0) ^ (1 << (bit % 8));
      expect(open(changed.toString())).toBeNull();
    }
  });

  it('U3 control: the same note unchanged is opened, and a check that says yes lets every flipped one through', async () => {
    const note = await signed();
    const encoded = note.trimEnd().split(' ').at(-1) ?? '';
    const bytes = fromBase64(encoded) ?? new Uint8Array();
    bytes[10] = (bytes[10] ?? 0) ^ 1;
    const changed = note.replace(encoded, toBase64(bytes));
    expect(open(Buffer.from(note).toString())).toBe(TEXT);
    expect(open(changed)).toBeNull();
    expect(openNote(sha256, key, changed, () => true)).toBe(TEXT);
  });

  it('are refused in a base64 that has another way to write the same bytes', () => {
    expect(fromBase64('AA==')).toEqual(new Uint8Array([0]));
    for (const other of ['AB==', 'AA', 'AA= =', 'AA==\n']) expect(fromBase64(other)).toBeNull();
  });
});

describe('checkpoints', () => {
  it('are read as they were written', () => {
    expect(readCheckpoint(ORIGIN, TEXT)).toEqual({ size: 8, root: sha256(new Uint8Array([8])) });
  });

  it.each([
    ['of another log', TEXT.replace('a-tenant', 'b-tenant')],
    ['with another form of its size', TEXT.replace('\n8\n', '\n08\n')],
    ['with a size beyond what is counted', TEXT.replace('\n8\n', '\n9999999999999999\n')],
    ['without a root', `${ORIGIN}\n8\n`],
    ['with a short root', `${ORIGIN}\n8\n${toBase64(new Uint8Array(31))}\n`],
    ['with a line more', `${TEXT}more\n`],
  ])('%s are refused', (_, text) => {
    expect(readCheckpoint(ORIGIN, text)).toBeNull();
  });
});
