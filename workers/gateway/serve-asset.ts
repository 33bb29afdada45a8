import type { AppContext } from './app-context.ts';

/** A file of a page, from the static assets, where the build has put it under the path that is asked for. */
export async function serveAsset(context: AppContext): Promise<Response> {
  const file = await context.env.ASSETS.fetch(context.req.raw);
  return new Response(file.body, file); // a fetched one takes no more headers
}
