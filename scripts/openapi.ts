import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApp } from '../workers/gateway/app.ts';
import { asyncApiDocument } from '../workers/gateway/async-api-document.ts';
import { openApiDocument } from '../workers/gateway/openapi-document.ts';

const FILE = join(import.meta.dirname, '../openapi.json');
const SOCKET_FILE = join(import.meta.dirname, '../docs/asyncapi.json');

/** The text of `openapi.json`, generated from the schemas that the gateway's routes validate with. */
export function renderOpenApi(): string {
  const app = createApp(() => {
    throw new Error('Describing the API takes no ports.');
  });
  return `${JSON.stringify(openApiDocument(app), null, 2)}\n`;
}

/** The text of `docs/asyncapi.json`, generated from the schemas of the messages of `GET /v1/events/ws`. */
export function renderAsyncApi(): string {
  return `${JSON.stringify(asyncApiDocument(), null, 2)}\n`;
}

if (import.meta.main) {
  for (const [file, text] of [
    [FILE, renderOpenApi()],
    [SOCKET_FILE, renderAsyncApi()],
  ] as const) {
    if (!process.argv.includes('--check')) {
      writeFileSync(file, text);
    } else if (readFileSync(file, 'utf8') !== text) {
      console.error(`${file} is stale: run \`npm run openapi\` and commit it.`);
      process.exitCode = 1;
    }
  }
}
