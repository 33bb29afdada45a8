import { toPointer } from '../json-pointer.ts';

/**
 * JSON pointers of the fields of a body that a parser left out, outermost only: `parsed` is what a schema that strips
 * unknown keys made of `body`. List items count by their place. A field that is null says nothing: clients write them so.
 */
export function droppedFields(body: unknown, parsed: unknown): string[] {
  return isContainer(body) && isContainer(parsed) ? droppedWithin(body, parsed) : [];
}

/** Pointers are written only once something is found, which it hardly ever is. */
function droppedWithin(body: Fields, parsed: Fields): string[] {
  const dropped: string[] = [];
  for (const key of Object.keys(body)) {
    const value = body[key];
    if (!Object.hasOwn(parsed, key)) {
      if (value !== null) dropped.push(toPointer([key]));
    } else if (isContainer(value)) {
      for (const pointer of droppedFields(value, parsed[key])) dropped.push(toPointer([key]) + pointer);
    }
  }
  return dropped;
}

type Fields = Readonly<Record<string, unknown>>;

function isContainer(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
