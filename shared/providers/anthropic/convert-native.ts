import * as z from 'zod';
import type { NativeRequest } from '../contract.ts';
import { BETA_OF_TOOL } from './constants.ts';

/** The body of `POST /messages` as its client wrote it, with our model and output limit, and not asking for a stream. */
export function convertNative({ body, maxOutputTokens }: NativeRequest, model: string): object {
  const { stream: _, ...rest } = body;
  return { ...rest, model, max_tokens: maxOutputTokens };
}

const tools = z.array(z.object({ type: z.string().nullish() }));

/** The header by which a client's own body asks for the beta features that its tools are; empty when there are none. */
export function betaHeader({ body }: Pick<NativeRequest, 'body'>): Readonly<Record<string, string>> {
  if (body['tools'] === undefined) return {};
  const types = tools.safeParse(body['tools']).data?.map(({ type }) => type ?? '') ?? [];
  const betas = new Set(types.flatMap((type) => BETA_OF_TOOL[type] ?? []));
  return betas.size === 0 ? {} : { 'anthropic-beta': [...betas].join(',') };
}
