/** Where a delivery stands. `failed`: it was given up. */
export const DELIVERY_STATUSES = ['pending', 'succeeded', 'failed'] as const;
