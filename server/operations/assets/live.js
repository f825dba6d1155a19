// The page is whole without this: it only keeps it up to date, and answers the rule tester in place.
const now = document.getElementById('now');
if (now) {
  let asked = false;
  const refresh = async () => {
    if (asked || document.hidden || now.contains(document.activeElement)) return;
    asked = true;
    try {
      const answer = await fetch('/operations/now');
      if (answer.ok) now.innerHTML = await answer.text();
      now.classList.toggle('stale', !answer.ok);
    } catch {
      now.classList.add('stale');
    }
    asked = false;
  };
  setInterval(refresh, 5000);
  document.addEventListener('visibilitychange', refresh);
}

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
