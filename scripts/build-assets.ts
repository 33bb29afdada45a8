import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { DOCS_FILES } from '../workers/gateway/routes/docs/docs-page.ts';

const ROOT = join(import.meta.dirname, '..');
const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** Where each file of the reference page comes from. */
const DOCS_SOURCES: Record<(typeof DOCS_FILES)[number], string> = {
  'swagger-ui.css': SWAGGER_UI,
  'swagger-ui-bundle.js': SWAGGER_UI,
  'docs.js': join(ROOT, 'workers/gateway/routes/docs/assets'),
};

/** Puts the gateway's static assets where its `wrangler.toml` looks for them. Running it again changes nothing. */
export function buildAssets(): void {
  const target = join(ROOT, 'dist/assets/docs');
  mkdirSync(target, { recursive: true });
  for (const [file, source] of Object.entries(DOCS_SOURCES)) copyFileSync(join(source, file), join(target, file));
}

if (import.meta.main) buildAssets();
