// The page is whole without this: it only keeps it up to date, and answers the rule tester in place.
const now = document.getElementById('now');
if (now) keepUpToDate(now);

/** Reads the page again when the server says that something changed; one that does not say so is asked. */
function keepUpToDate(now) {
  let [wanted, asking] = [false, false];
  const refresh = async () => {
    wanted = true;
    if (asking) return;
    asking = true;
    while (wanted && !document.hidden) {
      wanted = false;
      const answer = await fetch(location.href).catch(() => undefined);
      now.classList.toggle('stale', !answer?.ok);
      if (answer?.ok) show(now, await answer.text());
    }
    asking = false;
  };
  let events;
  const listen = () => {
    events = new EventSource('/operations/events');
    events.addEventListener('open', refresh);
    events.addEventListener('changed', refresh);
  };
  listen();
  setInterval(() => {
    if (document.hidden || events.readyState === EventSource.OPEN) return;
    void refresh();
    if (events.readyState === EventSource.CLOSED) listen();
  }, 5000);
  // A page that nobody sees keeps no connection: a browser has few for each server.
  document.addEventListener('visibilitychange', () => (document.hidden ? events.close() : listen()));
}

/** What changed is exchanged; all else stays as it is, with what is open, chosen or has the focus. */
function show(now, text) {
  const fresh = new DOMParser().parseFromString(text, 'text/html').getElementById('now');
  if (!fresh) return;
  const had = now.contains(document.activeElement) ? document.activeElement : undefined;
  const name = had && nameOf(had);
  exchangeWithin(now, fresh);
  if (!had || now.contains(had)) return;
  const same = [...now.querySelectorAll(had.tagName)].find((each) => nameOf(each) === name);
  // Never on another button, which the next key would press.
  (same ?? now).focus();
}

function exchange(old, fresh) {
  if (old.nodeName === 'DETAILS') fresh.open = old.open;
  if (old.isEqualNode(fresh)) return;
  const isElement = old.nodeType === Node.ELEMENT_NODE;
  if (isElement && old.cloneNode(false).isEqualNode(fresh.cloneNode(false))) exchangeWithin(old, fresh);
  else old.replaceWith(fresh);
}

function exchangeWithin(old, fresh) {
  const [from, to] = [[...old.childNodes], [...fresh.childNodes]];
  if (from.length === to.length) for (const [i, node] of from.entries()) exchange(node, to[i]);
  else old.replaceChildren(...to);
}

/** What a link or button does: the same in the page before and after. */
const nameOf = (element) =>
  [
    element.id,
    element.getAttribute('href'),
    element.form?.getAttribute('action'),
    element.name,
    element.textContent,
  ].join();

const tester = document.getElementById('tester');
const told = document.getElementById('told');
tester?.addEventListener('submit', async (event) => {
  event.preventDefault();
  const file = tester.querySelector('[type=file]').files[0];
  const study = tester.querySelector('[name=StudyInstanceUID]').value.trim();
  told.textContent = '…';
  const answer = await fetch('/api/route/test', {
    method: 'POST',
    headers: { 'content-type': file ? 'application/dicom' : 'application/json' },
    body: file ?? JSON.stringify({ StudyInstanceUID: study }),
  }).catch(() => undefined);
  const body = await answer?.json().catch(() => undefined);
  told.textContent = body?.lines?.join('\n') ?? body?.detail ?? 'The server does not answer.';
});

document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || /^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
  event.preventDefault();
  document.getElementById('find').focus();
});
