import type { AppContext } from '../../app-context.ts';

/** Files of the reference page that the build copies into the static assets. */
export const DOCS_FILES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'docs.js'] as const;

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>EUFM Orchestrator: API reference</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<main id="reference"></main>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/docs.js"></script>
</body>
</html>
`;

/** The reference page of `/openapi.json`. It loads nothing from outside, and its policy lets it load nothing. */
export function handleDocsPage(context: AppContext): Response {
  context.header('content-security-policy', CONTENT_SECURITY_POLICY);
  return context.html(PAGE);
}
