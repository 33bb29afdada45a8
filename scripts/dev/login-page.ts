/** Who can be signed in as with one click. */
export interface KnownPerson {
  readonly email: string;
  readonly name: string;
}

/** The page on which a person says who they are: the local identity provider believes everybody. */
export function loginPage(action: string, people: readonly KnownPerson[]): string {
  const known = people.map(
    ({ email, name }) =>
      `<form method="post" action="${escapeHtml(action)}"><input type="hidden" name="email" value="${escapeHtml(email)}"><input type="hidden" name="name" value="${escapeHtml(name)}"><button>${escapeHtml(name)} <small>${escapeHtml(email)}</small></button></form>`,
  );
  return page(
    'Sign in',
    `<p>This is the identity provider of this machine. It believes what you say, and nothing of it leaves.</p>
${known.join('\n')}
<h2>Somebody else</h2>
<form method="post" action="${escapeHtml(action)}">
<label>E-mail <input type="email" name="email" required autocomplete="off"></label>
<label>Name <input name="name" autocomplete="off"></label>
<button>Sign in</button>
</form>`,
  );
}

/** A page of the local identity provider. `body` is HTML. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 4rem auto; padding: 0 1rem; color: #1b1f24; }
h1 { font-size: 1.4rem; } h2 { font-size: 1rem; margin-top: 2rem; }
label { display: block; margin: .75rem 0; } input { display: block; width: 100%; box-sizing: border-box; padding: .5rem; font: inherit; }
button { width: 100%; padding: .6rem; margin: .25rem 0; font: inherit; cursor: pointer; } small { color: #57606a; }
</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${body}
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
