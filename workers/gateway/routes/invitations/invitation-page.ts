import type { AppContext } from '../../app-context.ts';

/** Where the links of invitations lead. */
export const INVITATION_PAGE = '/invitations';

/** Files of the page that the build copies into the static assets. */
export const INVITATION_FILES = ['accept.js'] as const;

/** It loads its own script and nothing else, sends nothing elsewhere, and stands in no other page, so that nobody is made to accept. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>EUFM Orchestrator: invitation</title>
<link rel="icon" href="data:,">
</head>
<body>
<main>
<h1>Invitation</h1>
<p id="status" role="status">One moment…</p>
<p><a id="sign-in" href="/v1/auth/login?returnTo=${INVITATION_PAGE}" hidden>Sign in</a></p>
<p><button id="accept" type="button" hidden>Accept</button> <button id="sign-out" type="button" hidden>Sign out</button></p>
</main>
<script src="${INVITATION_PAGE}/accept.js"></script>
</body>
</html>
`;

/** The page on which somebody who is invited signs in and accepts. */
export function handleInvitationPage(context: AppContext): Response {
  context.header('content-security-policy', CONTENT_SECURITY_POLICY);
  return context.html(PAGE);
}
