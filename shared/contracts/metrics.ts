/** Lengths of the periods that metrics come in. */
export const GRANULARITIES = ['hour', 'day', 'month'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

/** By what sums can be told apart, and the field of an item that names it. */
export const DIMENSIONS = {
  environment: 'environmentId',
  apiKey: 'apiKeyId',
  provider: 'provider',
  model: 'model',
  routingPolicy: 'routingPolicyId',
} as const;
export type Dimension = keyof typeof DIMENSIONS;
