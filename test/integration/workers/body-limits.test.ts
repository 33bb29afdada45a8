import { createExecutionContext } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../../shared/contracts/http/problem.ts';
import { createApp } from '../../../workers/gateway/app.ts';
import { BODY_MAX_BYTES, BODY_MAX_TEXT_LENGTH } from '../../../workers/gateway/constants.ts';
import { createPorts } from '../../../workers/gateway/create-ports.ts';
import { endlessBody } from '../../harness/endless-body.ts';
import { call, orchestrate } from '../../harness/gateway-client.ts';
import { mintTenant, testEnv } from '../../harness/mint-tenant.ts';

const SLACK_BYTES = 64 * 1024;

const ports = createPorts(testEnv);
const app = createApp(() => ports);

/** Sends an endless body, and counts what was taken of it. */
async function pour(headers: Record<string, string>) {
  const { body, poured } = endlessBody();
  const request = new Request('https://gateway.test/v1/orchestrate', { method: 'POST', headers, body });
  const response = await app.fetch(request, testEnv, createExecutionContext());
  return { status: response.status, code: (await response.json<Problem>()).code, taken: poured.bytes };
}

describe('I3: a body beyond the limit', () => {
  it('without a length is refused while at most 64 KiB more than it are read', async () => {
    const { headers } = await mintTenant();
    const { taken, ...answer } = await pour(headers);
    expect(answer).toEqual({ status: 413, code: 'body_too_large' });
    expect(taken).toBeGreaterThan(BODY_MAX_BYTES);
    expect(taken).toBeLessThanOrEqual(BODY_MAX_BYTES + SLACK_BYTES);
  });

  it('with its length is refused before any of it is read', async () => {
    const { headers } = await mintTenant();
    const stated = { ...headers, 'content-length': String(BODY_MAX_BYTES + 1) };
    expect(await pour(stated)).toEqual({ status: 413, code: 'body_too_large', taken: 0 });
  });

  it('that is compressed, a bomb or not, is 415 and no 413: none of it is read, and nothing unpacks it', async () => {
    const { headers } = await mintTenant();
    for (const encoding of ['gzip', 'deflate', 'br', 'gzip, gzip']) {
      const sent = { ...headers, 'content-encoding': encoding };
      expect(await pour(sent)).toEqual({ status: 415, code: 'unsupported_media_type', taken: 0 });
    }
  });

  it('of somebody who may not send one is not read at all', async () => {
    const { headers } = await mintTenant({ scopes: ['usage:read'] });
    expect(await pour(headers)).toMatchObject({ status: 403, taken: 0 });
    expect(await pour({ ...headers, 'x-api-key': 'eufm_eu_dev_none' })).toMatchObject({ status: 401, taken: 0 });
  });

  it('control: one within the limit is read to its end', async () => {
    const { headers } = await mintTenant();
    const body = JSON.stringify({ input: 'hello' }).padEnd(BODY_MAX_BYTES);
    expect((await orchestrate(headers, body)).status).toBe(200);
    expect((await orchestrate(headers, `${body} `)).status).toBe(413);
  });
});

describe('I4: a body beyond what may be in it', () => {
  const codeOf = async (headers: Record<string, string>, body: string) => {
    const response = await orchestrate(headers, body);
    return [response.status, response.status === 200 ? '' : (await response.json<Problem>()).code];
  };

  it('is refused by its depth, its parts, and the length of a text', async () => {
    const { headers } = await mintTenant();
    const withMetadata = (text: string) => `{"input":"hello","metadata":{"a":${text}}}`;
    const complex = [400, 'body_too_complex'];
    expect(await codeOf(headers, withMetadata('['.repeat(31) + ']'.repeat(31)))).toEqual(complex);
    expect(await codeOf(headers, withMetadata('['.repeat(9_000_000)))).toEqual(complex);
    expect(await codeOf(headers, withMetadata(`[${Array(10_001).fill(1).join()}]`))).toEqual(complex);
    expect(await codeOf(headers, JSON.stringify({ input: 'word '.repeat(BODY_MAX_TEXT_LENGTH / 5 + 1) }))).toEqual(
      complex,
    );
  });

  it('control: what is just within is served, and an image may be longer than a text', async () => {
    const { headers } = await mintTenant();
    const data = 'A'.repeat(2 * BODY_MAX_TEXT_LENGTH);
    const served = [200, ''];
    expect(await codeOf(headers, JSON.stringify({ input: 'a '.repeat(BODY_MAX_TEXT_LENGTH / 2) }))).toEqual(served);
    const image = {
      model: 'openai/gpt-4o-mini',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'hello' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } },
          ],
        },
      ],
    };
    const response = await call('POST', '/v1/chat/completions', { headers, body: JSON.stringify(image) });
    expect(response.status).toBe(200);
  });
});

describe('I5: a key that leads to a prototype', () => {
  const MEMBERS = [
    '"__proto__":{"polluted":1}',
    '"constructor":{"prototype":{"polluted":1}}',
    String.raw`"\u005f_proto__":1`,
  ];

  it.each(MEMBERS)('is refused at every depth, and pollutes nothing: %s', async (member) => {
    const { headers } = await mintTenant();
    for (let depth = 0; depth < 29; depth++) {
      const body = `{"input":"hello","metadata":${'{"a":'.repeat(depth)}{${member}}${'}'.repeat(depth)}}`;
      const response = await orchestrate(headers, body);
      expect([depth, response.status, (await response.json<Problem>()).code]).toEqual([depth, 400, 'bad_request']);
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
    }
    expect((await orchestrate(headers, `{"input":"hello",${member}}`)).status).toBe(400);
  });

  it('control: a name that only looks like one is served', async () => {
    const { headers } = await mintTenant();
    const body = '{"input":"hello","metadata":{"proto":{"constructor":"a","prototype":"b"}}}';
    expect((await orchestrate(headers, body)).status).toBe(200);
  });
});
