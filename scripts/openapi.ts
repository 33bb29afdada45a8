import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApp } from '../workers/gateway/app.ts';
import { openApiDocument } from '../workers/gateway/openapi-document.ts';

const FILE = join(import.meta.dirname, '../openapi.json');

/** The text of `openapi.json`, generated from the schemas that the gateway's routes validate with. */
export function renderOpenApi(): string {
  const app = createApp(() => {
    throw new Error('Describing the API takes no ports.');
  });
  return `${JSON.stringify(openApiDocument(app), null, 2)}\n`;
}

if (import.meta.main) {
  if (!process.argv.includes('--check')) {
    writeFileSync(FILE, renderOpenApi());
  } else if (readFileSync(FILE, 'utf8') !== renderOpenApi()) {
    console.error('openapi.json is stale: run `npm run openapi` and commit it.');
    process.exitCode = 1;
  }
}
