/** What `refine` takes for a change: it must have a field. Says nothing of a change that is wrong already. */
export const NAMES_A_FIELD = [
  (change: object) => Object.keys(change).length > 0,
  {
    error: 'must name a field to change',
    when: ({ issues }: { readonly issues: readonly unknown[] }) => issues.length === 0,
  },
] as const;
