/** A stored answer, and what its question means: little-endian 32-bit floats, of length 1 as a vector. */
export interface Meaning {
  readonly keyHash: string;
  readonly vector: Uint8Array;
}

/**
 * The question that is most alike, by the cosine of the angle between vectors; null where none reaches the threshold. One of
 * another number of dimensions is of another model, and never alike.
 */
export function mostAlike(
  vector: Uint8Array,
  meanings: readonly Meaning[],
  threshold: number,
): { readonly keyHash: string; readonly similarity: number } | null {
  const wanted = floatsOf(vector);
  let best: { readonly keyHash: string; readonly similarity: number } | null = null;
  for (const meaning of meanings) {
    const similarity = productOf(wanted, floatsOf(meaning.vector));
    if (similarity >= threshold && similarity > (best?.similarity ?? -1))
      best = { keyHash: meaning.keyHash, similarity };
  }
  return best;
}

/** The bytes of a vector, brought to length 1; null where it has none. */
export function toMeaning(vector: readonly number[]): Uint8Array | null {
  const length = Math.hypot(...vector);
  if (!(length > 0) || !Number.isFinite(length)) return null;
  const view = new DataView(new ArrayBuffer(vector.length * Float32Array.BYTES_PER_ELEMENT));
  for (const [at, value] of vector.entries())
    view.setFloat32(at * Float32Array.BYTES_PER_ELEMENT, value / length, true);
  return new Uint8Array(view.buffer);
}

function floatsOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.slice().buffer); // Workers are little-endian
}

function productOf(one: Float32Array, other: Float32Array): number {
  if (one.length !== other.length) return -1;
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += (one[at] ?? 0) * (other[at] ?? 0);
  return sum;
}
