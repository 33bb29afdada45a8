import { apiDiff } from 'api-smart-diff';

type Change = ReturnType<typeof apiDiff>[number];

/**
 * What of an API's change breaks a client that was written against `before`, as `action place`. A schema is judged where
 * operations use it: what a request may widen a response may not.
 */
export function breakingChanges(before: unknown, after: unknown): string[] {
  return apiDiff(withPartsJoined(before), withPartsJoined(after))
    .map((change) => ({ ...change, place: change.path.join('/') }))
    .filter(({ place }) => !place.startsWith('components/schemas/'))
    .filter(
      (change) =>
        !isNewErrorCode(change) && !isNewCredential(change) && (change.type === 'breaking' || isMissed(change)),
    )
    .map(({ action, place }) => `${action} ${place}`);
}

interface Part {
  readonly $ref?: string;
  readonly properties?: object;
  readonly required?: readonly string[];
}

/**
 * A copy in which objects that are `allOf` several are written as one: api-smart-diff 1.0.6 pairs such parts by how much
 * they are alike, and so compares different ones where several have changed.
 */
function withPartsJoined<Api>(api: Api): Api {
  const { schemas = {} } = (api as { components?: { schemas?: Record<string, Part> } }).components ?? {};
  const joined = (_key: string, value: unknown): unknown => {
    const { allOf } = (value ?? {}) as { allOf?: readonly Part[] };
    if (!Array.isArray(allOf)) return value;
    const parts = allOf.map((part: Part) => schemas[part.$ref?.split('/').at(-1) ?? ''] ?? part);
    if (!parts.every(({ properties }) => properties)) return value;
    return {
      type: 'object',
      properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
      required: parts.flatMap(({ required = [] }) => required),
    };
  };
  return JSON.parse(JSON.stringify(api, joined));
}

interface PlacedChange extends Change {
  readonly place: string;
}

/** Clients branch on the error codes that they know and on the status otherwise, so that codes may be added. */
function isNewErrorCode({ action, place }: PlacedChange): boolean {
  return (
    action === 'add' &&
    /\/(application\/problem\+json|text\/event-stream)\/schema\/(.+\/)?properties\/code\/enum\/\d+$/.test(place)
  );
}

/** A kind of credential that was not there: what an operation still takes is judged where it says so. */
function isNewCredential({ action, place }: PlacedChange): boolean {
  return action === 'add' && /^components\/securitySchemes\/\w+$/.test(place);
}

/** What api-smart-diff 1.0.6 calls harmless or does not judge, and is neither: see the tests of each. */
function isMissed({ action, place, type }: PlacedChange): boolean {
  const isRequired = /(?<!\/properties)\/required(\/\d+)?$/.test(place);
  if (isRequired && type === 'unclassified') return true;
  if (isRequired && action === 'add' && place.includes('/requestBody/')) return true;
  return /(?<!\/properties)\/type(\/\d+)?$/.test(place) || place.endsWith('/operationId');
}
