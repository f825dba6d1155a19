export interface LoginPage {
  /** A safe path of ours. */
  readonly next: string;
  readonly withKey: boolean;
  readonly withProvider: boolean;
}

/** The page on which people log in; without script, so that nothing can be slipped into it. */
export function loginPage({ next, withKey, withProvider }: LoginPage): string {
  const target = escapeHtml(next);
  const provider = withProvider
    ? `<a class="button" href="/login/oidc?next=${escapeHtml(encodeURIComponent(next))}">Log in with your hospital account</a>`
    : '';
  const key = withKey
    ? `<form method="post" action="/api/session">
        <input type="hidden" name="next" value="${target}">
        <label for="key">Access key</label>
        <input id="key" name="key" type="password" autocomplete="current-password" required>
        <button type="submit"${withProvider ? ' class="quiet"' : ''}>Log in with a key</button>
      </form>`
    : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in – Pellucid</title>
<style>
  :root { color-scheme: dark; font: 16px/1.5 Inter, system-ui, sans-serif; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #050615; color: #f2f4ff; }
  main { width: min(22rem, 90vw); }
  h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
  p { color: #a8b0cc; margin: 0 0 1.5rem; }
  label { display: block; margin-bottom: .25rem; }
  input[type=password] { width: 100%; box-sizing: border-box; padding: .6rem; border: 1px solid #5d6690; border-radius: .3rem; background: #0d1130; color: inherit; font: inherit; }
  .button, button { display: block; width: 100%; box-sizing: border-box; margin: .75rem 0; padding: .65rem; border: 1px solid #348cfd; border-radius: .3rem; background: #0b56b3; color: #fff; font: inherit; text-align: center; text-decoration: none; cursor: pointer; }
  .quiet { background: transparent; }
  :focus-visible { outline: 3px solid #7cc4ff; outline-offset: 2px; }
</style>
</head>
<body>
<main>
  <h1>Pellucid</h1>
  <p>Explained AI results. For research use.</p>
  ${provider}
  ${key}
</main>
</body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => ENTITIES[c] as string);
