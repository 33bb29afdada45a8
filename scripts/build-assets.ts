import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { DOCS_FILES } from '../workers/gateway/routes/docs/docs-page.ts';
import type { INVITATION_FILES } from '../workers/gateway/routes/invitations/invitation-page.ts';

const ROOT = join(import.meta.dirname, '..');
const ROUTES = join(ROOT, 'workers/gateway/routes');
const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** Where each file of the reference page comes from. */
const DOCS_SOURCES: Record<(typeof DOCS_FILES)[number], string> = {
  'swagger-ui.css': SWAGGER_UI,
  'swagger-ui-bundle.js': SWAGGER_UI,
  'docs.js': join(ROUTES, 'docs/assets'),
};

/** The same of the page of invitations. */
const INVITATION_SOURCES: Record<(typeof INVITATION_FILES)[number], string> = {
  'accept.js': join(ROUTES, 'invitations/assets'),
};

/** Puts the gateway's static assets where its `wrangler.toml` looks for them. Running it again changes nothing. */
export function buildAssets(): void {
  copyInto('docs', DOCS_SOURCES);
  copyInto('invitations', INVITATION_SOURCES);
}

function copyInto(folder: string, sources: Readonly<Record<string, string>>): void {
  const target = join(ROOT, 'dist/assets', folder);
  mkdirSync(target, { recursive: true });
  for (const [file, source] of Object.entries(sources)) copyFileSync(join(source, file), join(target, file));
}

if (import.meta.main) buildAssets();
