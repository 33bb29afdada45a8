import { SITE, TestBrowser } from './test-browser.ts';

/** Headers of a request of one of the site's own pages. */
export const FROM_HERE = { origin: SITE };

/** Somebody who has signed in at the platform's identity provider, with their browser. */
export interface SignedIn {
  readonly browser: TestBrowser;
  readonly email: string;
  readonly userId: string;
}

/** Signs somebody in who is new, or who has that address. */
export async function signedIn(email = `${crypto.randomUUID()}@example.test`): Promise<SignedIn> {
  const browser = new TestBrowser();
  const response = await browser.signIn(email);
  if (response.status !== 302) throw new Error(await response.text());
  const { id } = await (await browser.request('/v1/me')).json<{ id: string }>();
  return { browser, email, userId: id };
}
