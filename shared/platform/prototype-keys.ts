/**
 * If a JSON value has, at any depth, a key by which a careless merge would change the prototype of objects: `__proto__`,
 * or `prototype` in `constructor`, nested or as a path. `constructor` and `prototype` by themselves are names like any
 * other, as of a property in a JSON schema. For values within limits of nesting only: it goes as deep as they do.
 */
export function holdsPrototypeKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsPrototypeKey);
  // What JSON.parse makes inherits nothing that is enumerated; entries would make a list for each of its objects.
  for (const key in value) {
    if (key === '__proto__' || key === 'constructor.prototype') return true;
    const part: unknown = Reflect.get(value, key);
    if (typeof part !== 'object' || part === null) continue;
    if ((key === 'constructor' && Object.hasOwn(part, 'prototype')) || holdsPrototypeKey(part)) return true;
  }
  return false;
}
