/** Where this tab keeps the invitation's token while its person signs in. No server sees it before they accept. */
const KEPT = 'eufm.invitation';

const element = (id) => document.getElementById(id);

function say(text) {
  element('status').textContent = text;
}

/** Shows what can be done now, and nothing else. */
function offer(...ids) {
  for (const id of ['sign-in', 'accept', 'sign-out']) element(id).hidden = !ids.includes(id);
}

/** The token behind `#`, which is then no longer in the address; or the one that was there before the sign-in. */
function readToken() {
  const { hash, pathname } = window.location;
  if (hash.length > 1) {
    window.sessionStorage.setItem(KEPT, hash.slice(1));
    window.history.replaceState(null, '', pathname);
  }
  return window.sessionStorage.getItem(KEPT);
}

async function acceptInvitation(token) {
  const response = await fetch('/v1/invitations/accept', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  const answer = await response.json();
  if (!response.ok) return say(answer.detail);
  window.sessionStorage.removeItem(KEPT);
  offer();
  return say(`You are a member now, as ${answer.roles.join(', ')}. The tenant’s id is ${answer.tenantId}.`);
}

/** Also at the identity provider, which would else say who they are without asking. */
async function signOut() {
  const response = await fetch('/v1/auth/logout', { method: 'POST' });
  const { endSessionUrl } = await response.json();
  if (endSessionUrl) window.location.assign(endSessionUrl);
  else window.location.reload();
}

async function showInvitation() {
  const token = readToken();
  if (token === null) return say('Open the link of your invitation: it is in the message that you got.');
  const response = await fetch('/v1/me');
  const answer = await response.json();
  if (response.status === 401) {
    offer('sign-in');
    return say('Sign in with the e-mail address that the invitation was sent to.');
  }
  if (!response.ok) return say(answer.detail);
  offer('accept', 'sign-out');
  onClick('accept', () => acceptInvitation(token));
  onClick('sign-out', signOut);
  return say(
    `You are signed in as ${answer.email}. If the invitation is for another address, sign out and open its link again.`,
  );
}

/** One click at a time. */
function onClick(id, run) {
  element(id).addEventListener('click', async () => {
    element(id).disabled = true;
    await run().catch(tellOfFailure);
    element(id).disabled = false;
  });
}

function tellOfFailure() {
  say('The server could not be reached. Load the page again.');
}

showInvitation().catch(tellOfFailure);
