import { once } from 'node:events';
import { createServer, request } from 'node:http';
import https from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import ipaddr from 'ipaddr.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loopbackUrls, privateUrls } from '../../test/harness/private-urls.ts';
import { publicFetch, UrlNotAllowed } from './public-fetch.ts';
import { refusalOfUrl } from './public-url.ts';

const LEAST_SPELLINGS = 60;

/** Counts connections, so that even a TLS handshake that fails is seen; answers HTTP. */
const reached = { connections: 0, requests: 0 };
const http = createServer((_request, response) => {
  reached.requests++;
  response.end('reached');
});
const listener = createTcpServer((socket) => {
  reached.connections++;
  http.emit('connection', socket);
});
let port: number;

beforeAll(async () => {
  listener.listen(0);
  await once(listener, 'listening');
  port = (listener.address() as AddressInfo).port;
});
afterAll(() => {
  listener.close();
  http.closeAllConnections();
});

describe('I6: URLs that a tenant may set', () => {
  it('reach no local listener in more than 60 spellings of it, at save and at send', async () => {
    const urls = privateUrls(port);
    expect(new Set(urls).size).toBeGreaterThanOrEqual(LEAST_SPELLINGS);
    const send = publicFetch(fetch, false);
    for (const url of urls) {
      expect([url, refusalOfUrl(url, false)]).toEqual([url, expect.stringMatching(/^must /)]);
      await expect(send(url), url).rejects.toThrow(UrlNotAllowed);
      const asRequest =
        URL.parse(url)?.protocol === 'https:' && URL.parse(url)?.username === '' && URL.parse(url)?.password === '';
      if (asRequest) await expect(send(new Request(url)), url).rejects.toThrow(UrlNotAllowed);
    }
    expect(reached).toEqual({ connections: 0, requests: 0 });
  });

  it('may be those of public hosts, at any port and path', async () => {
    const sent: unknown[] = [];
    const send = publicFetch(async (url, init) => {
      sent.push([url, init?.redirect]);
      return new Response();
    }, false);
    const urls = [
      ...['https://api.vendor.com', 'https://api.vendor.com./v1', 'https://llm.example.org:8443/v1?a=b'],
      ...[
        'https://1password.com',
        'https://123.example.com',
        'https://xn--bcher-kva.example',
        'https://bücher.example',
      ],
      ...[
        'https://internal.example.com',
        'https://local.example',
        'https://localhost.example.com',
        'https://10.example',
      ],
    ];
    for (const url of urls) await send(url, { redirect: 'follow' });
    expect(sent).toEqual(urls.map((url) => [url, 'manual']));
  });

  it('are never followed to where they redirect', async () => {
    const redirecting = createServer((_request, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end();
    });
    redirecting.listen(0, '127.0.0.1');
    await once(redirecting, 'listening');
    const url = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}/`;
    const before = reached.requests;
    expect((await publicFetch(fetch, true)(url, { redirect: 'follow' })).status).toBe(307);
    expect(reached.requests).toBe(before);
    expect(await (await fetch(url)).text()).toBe('reached'); // control: without it the redirect is followed
    redirecting.close();
  });

  it('send nothing to a plain listener that a public name is made to lead to', async () => {
    const lookup: https.RequestOptions['lookup'] = (_name, _options, answer) =>
      answer(null, [{ address: '127.0.0.1', family: 4 }]);
    const rebound = (url: string) => (url.startsWith('https:') ? https.request : request)(url, { lookup }).end();
    const overNode = async (input: RequestInfo | URL) => {
      const [answer] = await once(rebound(String(input)), 'response');
      answer.resume();
      return new Response();
    };
    const before = reached.requests;
    const send = publicFetch(overNode, false);
    await expect(send(`http://rebind.example.com:${port}/`)).rejects.toThrow(UrlNotAllowed);
    await expect(send(`https://rebind.example.com:${port}/`)).rejects.toThrow();
    expect(reached.requests).toBe(before);
    await overNode(`http://rebind.example.com:${port}/`); // control: without TLS the name leads there
    expect(reached.requests).toBe(before + 1);
  });
});

describe('I6 control', () => {
  it('every spelling of loopback reaches the listener where private URLs are allowed', async () => {
    const send = publicFetch(fetch, true);
    const before = reached.requests;
    const urls = loopbackUrls(port).filter((url) => new URL(url).hostname === '127.0.0.1');
    for (const url of urls) expect([url, await (await send(url)).text()]).toEqual([url, 'reached']);
    expect(reached.requests - before).toBe(urls.length);
    expect(urls.length).toBeGreaterThan(25);
  });

  it('what is spelt as an address is one of no public range', () => {
    const hosts = privateUrls(1).flatMap((url) => URL.parse(url)?.hostname.replaceAll(/[[\]]/g, '') ?? []);
    const addresses = hosts.filter((host) => ipaddr.isValid(host));
    expect(addresses.length).toBeGreaterThan(LEAST_SPELLINGS);
    // An IPv4-compatible address, which the library takes for a public one: a reason to refuse addresses altogether.
    const isPublic = (address: string) => ipaddr.process(address).range() === 'unicast';
    expect(new Set(addresses.filter(isPublic))).toEqual(new Set(['::7f00:1']));
  });

  it('private URLs must still be http(s), and without credentials', () => {
    expect(refusalOfUrl('http://127.0.0.1:1', true)).toBeNull();
    for (const url of ['ftp://127.0.0.1/', 'file:///etc/passwd', 'http://user@127.0.0.1/', 'nonsense'])
      expect(refusalOfUrl(url, true)).toMatch(/^must /);
  });
});
