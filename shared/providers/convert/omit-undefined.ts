/** `T` with every property optional and none of them undefined. */
export type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** A copy without the properties that are undefined. Looks at the first level only. */
export function omitUndefined<T extends object>(fields: T): Defined<T> {
  // Guarantee: each remaining entry is one of `fields` whose value was just seen not to be undefined.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
