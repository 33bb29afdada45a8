/**
 * The address of an API operation. `version` is added when no segment of the base's path is a version, so a base is
 * understood as the vendors' own SDKs understand theirs: with the version or without it.
 */
export function apiUrl(base: string, path: string, version?: string): string {
  const root = base.replace(/\/+$/, '');
  const hasVersion = version === undefined || /[^/]\/v\d\w*(?:\/|$)/.test(root);
  return `${hasVersion ? root : `${root}/${version}`}${path}`;
}
