/** Kinds of frames: https://www.rfc-editor.org/rfc/rfc6455#section-5.2 */
export const [TEXT_FRAME, CLOSE_FRAME] = [1, 8];

const NOTHING = Buffer.alloc(0);
/** A length that is said in 2 bytes more, or in 8. */
const [IN_2_BYTES, IN_8_BYTES] = [126, 127];

interface FrameHead {
  readonly opcode: number;
  /** Where its content begins and ends. */
  readonly begin: number;
  readonly end: number;
}

/** Finds the frames of a server in what its connection brings. None of them is masked or in pieces, as workerd writes them. */
export class FrameReader {
  #rest: Buffer = NOTHING;

  /** Takes what came; calls for each frame that is whole. Its content is to be read at once: the bytes are used again. */
  push(came: Buffer, onFrame: (opcode: number, content: Buffer) => void): void {
    let left = this.#rest.length === 0 ? came : Buffer.concat([this.#rest, came]);
    for (let head = headOf(left); head !== null && head.end <= left.length; head = headOf(left)) {
      onFrame(head.opcode, left.subarray(head.begin, head.end));
      left = left.subarray(head.end);
    }
    this.#rest = left.length === 0 ? NOTHING : Buffer.from(left);
  }
}

function headOf(bytes: Buffer): FrameHead | null {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return null;
  const begin = second === IN_8_BYTES ? 10 : second === IN_2_BYTES ? 4 : 2;
  if (bytes.length < begin) return null;
  const length = begin === 2 ? second : begin === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  return { opcode: first & 0x0f, begin, end: begin + length };
}

/** A client's text as a frame: masked, as it must be, with a mask that changes nothing. */
export function textFrame(text: string): Buffer {
  const content = Buffer.from(text);
  if (content.length >= IN_2_BYTES) throw new Error('only short texts');
  return Buffer.concat([Buffer.from([0x80 | TEXT_FRAME, 0x80 | content.length, 0, 0, 0, 0]), content]);
}
