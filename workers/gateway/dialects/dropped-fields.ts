/**
 * JSON pointers of the fields of a body that a parser left out, outermost only: `parsed` is what a schema that strips
 * unknown keys made of `body`. List items count by their place. A field that is null says nothing: clients write them so.
 */
export function droppedFields(body: unknown, parsed: unknown, pointer = ''): string[] {
  if (!isContainer(body) || !isContainer(parsed)) return [];
  return Object.entries(body).flatMap(([key, value]) => {
    const place = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (Object.hasOwn(parsed, key)) return droppedFields(value, (parsed as Fields)[key], place);
    return value === null ? [] : [place];
  });
}

type Fields = Readonly<Record<string, unknown>>;

function isContainer(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}
