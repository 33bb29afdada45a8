import { exports } from 'cloudflare:workers';

export const SITE = 'https://gateway.test';

const MOST_REDIRECTS = 10;

interface Visit {
  readonly response: Response;
  readonly url: URL;
}

/** What a browser does that matters to signing in: it keeps cookies by host, and follows redirects. Runs no script. */
export class TestBrowser {
  /** Cookies by host and name. */
  readonly #cookies = new Map<string, Map<string, string>>();
  /** Every `Set-Cookie` that came from the site. */
  readonly setCookies: string[] = [];

  /** One request, with this host's cookies; no redirect is followed. */
  async request(address: string | URL, init: RequestInit = {}): Promise<Response> {
    const url = new URL(address, SITE);
    const headers = new Headers(init.headers);
    const cookies = this.cookiesOf(url.host);
    if (cookies.size > 0) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    const sent = { ...init, headers, redirect: 'manual' as const };
    const response = await (url.origin === SITE ? exports.default.fetch(url.href, sent) : fetch(url, sent));
    for (const line of response.headers.getSetCookie()) {
      if (url.origin === SITE) this.setCookies.push(line);
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      const isGone = value === '' || /max-age=0|expires=thu, 01 jan 1970/i.test(line);
      if (isGone) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  }

  /** Follows redirects until there are none, or until one leads to what `until` accepts. */
  async visit(
    address: string | URL,
    init: RequestInit = {},
    until: (url: URL) => boolean = () => false,
  ): Promise<Visit> {
    let url = new URL(address, SITE);
    let response = await this.request(url, init);
    for (let step = 0; step < MOST_REDIRECTS; step++) {
      const location = response.headers.get('location');
      if (location === null || response.status < 300 || response.status >= 400) return { response, url };
      await response.body?.cancel();
      url = new URL(location, url);
      if (until(url)) return { response, url };
      response = await this.request(url);
    }
    throw new Error(`${url} redirects without end`);
  }

  /** Goes to the login page and says who one is; ends before the browser is back at the site. */
  async answerLogin(loginPath: string, email: string): Promise<URL> {
    const page = await this.visit(loginPath);
    if (!/\/sign-in\//.test(page.url.pathname)) throw new Error(`no login page: ${await page.response.text()}`);
    return this.fillIn(page.url, email);
  }

  /** Fills the login page in; ends before the browser is back at the site. */
  async fillIn(page: URL, email: string): Promise<URL> {
    const body = new URLSearchParams({ email, name: 'Somebody' });
    const { url } = await this.visit(page, { method: 'POST', body }, ({ origin }) => origin === SITE);
    return url;
  }

  /** Signs in, as a person would; answers what the site answered at the end. */
  async signIn(email: string, loginPath = '/v1/auth/login'): Promise<Response> {
    return await this.request(await this.answerLogin(loginPath, email));
  }

  cookiesOf(host: string): Map<string, string> {
    const known = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, known);
    return known;
  }

  /** The cookies of the site. */
  get own(): Map<string, string> {
    return this.cookiesOf(new URL(SITE).host);
  }
}
