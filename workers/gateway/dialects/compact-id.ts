/** A request's id as other APIs' ids look: without dashes. */
export function compactId(requestId: string): string {
  return requestId.replaceAll('-', '');
}
