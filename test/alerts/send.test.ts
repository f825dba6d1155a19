import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { alertSender } from '../../server/alerts/send.ts';
import type { Alert } from '../../server/alerts/watch.ts';

const ALERT: Alert = {
  kind: 'archive-down',
  at: '2026-11-28T14:00:00.000Z',
  says: 'The archive does not answer: ARCHIVE_UNREACHABLE.',
  action: 'Check that the archive runs.',
};
const NONE = { webhook: '', secret: '', smtp: '', from: 'a@x.example', to: '', page: 'http://x/operations' };

/** A receiver that answers with `status`, and what came to it. */
async function receiver(status: number, headers: Readonly<Record<string, string>> = {}) {
  const came: { path: string; headers: IncomingMessage['headers']; body: string }[] = [];
  let arrived = (): void => undefined;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      came.push({ path: request.url ?? '', headers: request.headers, body });
      response.writeHead(status, headers).end();
      arrived();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    came,
    next: () =>
      new Promise<void>((resolve) => {
        if (came.length > 0) resolve();
        else arrived = resolve;
      }),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

test('a webhook gets the alert as JSON, signed over its time and body', async () => {
  const there = await receiver(204);
  alertSender({ ...NONE, webhook: `${there.url}/hook?a=b`, secret: 's' })?.(ALERT);
  await there.next();
  there.close();
  const [{ path, headers, body }] = there.came as [(typeof there.came)[number]];
  expect([path, JSON.parse(body)]).toEqual(['/hook?a=b', { ...ALERT, page: NONE.page }]);
  const hmac = createHmac('sha256', 's').update(`${headers['x-timestamp']}.${body}`).digest('hex');
  expect(headers['x-signature']).toBe(`sha256=${hmac}`);
});

test('a webhook that sends elsewhere is not followed: alerts go only to where the operator said', async () => {
  const elsewhere = await receiver(204);
  const there = await receiver(307, { location: elsewhere.url });
  alertSender({ ...NONE, webhook: there.url })?.(ALERT);
  await there.next();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(elsewhere.came).toEqual([]);
  there.close();
  elsewhere.close();
});

test('a mail server gets a mail with what is wrong and what to do', async () => {
  const mails: { to: readonly string[]; text: string }[] = [];
  let arrived = (): void => undefined;
  const server = new SMTPServer({
    authOptional: false,
    allowInsecureAuth: true,
    hideSTARTTLS: true,
    onAuth: ({ username, password }, _, done) =>
      username === 'pellucid' && password === 'p w' ? done(null, { user: 'x' }) : done(new Error('who?')),
    onData: (stream, session, done) => {
      let text = '';
      stream.on('data', (chunk) => {
        text += chunk;
      });
      stream.on('end', () => {
        mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), text });
        done();
        arrived();
      });
    },
  });
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  const came = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const smtp = `smtp://pellucid:p%20w@127.0.0.1:${port}`;
  alertSender({ ...NONE, smtp, to: 'it@x.example, night@x.example' })?.(ALERT);
  await came;
  server.close();
  const [mail] = mails;
  expect(mail?.to).toEqual(['it@x.example', 'night@x.example']);
  expect(mail?.text).toContain('Subject: Pellucid: archive down');
  expect(mail?.text).toContain('The archive does not answer: ARCHIVE_UNREACHABLE.');
  expect(mail?.text).toContain('What to do: Check that the archive runs.');
});

test('nothing is set: nothing is sent; a mail server without an addressee is a mistake', () => {
  expect(alertSender(NONE)).toBeUndefined();
  expect(() => alertSender({ ...NONE, smtp: 'smtp://x' })).toThrow('ALERT_MAIL_TO');
});
