import { type Span, splitOf } from './merkle-tree.ts';

/**
 * What is hashed into each hash of the proof that a tree of `size` leaves has the one of a sequence number, from the leaf up
 * (RFC 6962, section 2.1.1).
 */
export function inclusionSpans(sequence: number, size: number): Span[] {
  const spans: Span[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    if (sequence < middle) {
      spans.push([middle, to]);
      to = middle;
    } else {
      spans.push([from, middle]);
      from = middle;
    }
  }
  return spans.reverse();
}

/** The same for the proof that the first `oldSize` of `size` leaves are what they were (section 2.1.2). 0 < oldSize <= size. */
export function consistencySpans(oldSize: number, size: number): Span[] {
  const spans: Span[] = [];
  let [from, to] = [0, size];
  while (oldSize < to) {
    const middle = from + splitOf(to - from);
    if (oldSize <= middle) {
      spans.push([middle, to]);
      to = middle;
    } else {
      spans.push([from, middle]);
      from = middle;
    }
  }
  if (from > 0) spans.push([from, to]);
  return spans.reverse();
}
