import { createHmac } from 'node:crypto';
import { createTransport } from 'nodemailer';
import { asFault, Fault } from '../shared/fault.ts';
import { call } from '../shared/http.ts';
import { log } from '../shared/log.ts';
import type { Alert } from './watch.ts';

export interface SendOptions {
  /** Takes JSON by POST; empty: none. */
  readonly webhook: string;
  /** Signs the calls; empty: they are not signed. */
  readonly secret: string;
  /** `smtp://` or `smtps://` with the account; empty: none. */
  readonly smtp: string;
  readonly from: string;
  /** Addresses, separated by commas. */
  readonly to: string;
  /** Where the operator looks; stands in every message. */
  readonly page: string;
}

export type Send = (alert: Alert) => void;

/** A mail server that hangs must not keep the next message waiting, ms. */
const PATIENCE_MS = 20_000;

/** Sends alerts by all ways that are set, each tried whatever becomes of the others. What cannot be sent stands in the log, loudly. */
export function alertSender({ webhook, secret, smtp, from, to, page }: SendOptions): Send | undefined {
  const ways: [string, (alert: Alert) => Promise<void>][] = [];
  if (webhook) ways.push(['webhook', (alert) => post(webhook, secret, { ...alert, page })]);
  if (smtp) {
    if (to === '') throw new Fault('CONFIG_INVALID', 'ALERT_SMTP is set, so ALERT_MAIL_TO must be too');
    const patience = {
      connectionTimeout: PATIENCE_MS,
      greetingTimeout: PATIENCE_MS,
      socketTimeout: PATIENCE_MS,
    };
    const transport = createTransport({ url: smtp, ...patience });
    ways.push([
      'mail',
      async (alert) => void (await transport.sendMail({ from, to, ...mailOf(alert, page) })),
    ]);
  }
  if (ways.length === 0) return undefined;
  return (alert) => {
    log.warn({ alert: alert.kind, detail: alert.says }, 'alert');
    for (const [way, send] of ways)
      send(alert).catch((error: unknown) =>
        log.error({ way, alert: alert.kind, detail: asFault(error).detail }, 'an alert was not sent'),
      );
  };
}

/** Signed as Orthanc's hook signs: HMAC-SHA256 over `timestamp.body`. */
async function post(url: string, secret: string, message: object): Promise<void> {
  const { origin, pathname, search } = new URL(url);
  const body = JSON.stringify(message);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  const answer = await call({ url: origin }, pathname + search, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(secret ? { 'x-timestamp': timestamp, 'x-signature': `sha256=${signature}` } : {}),
    },
    body,
  });
  await answer.body.dump();
  if (answer.status >= 300) throw new Fault('ALERT_REFUSED', `it answered ${answer.status}`);
}

const mailOf = ({ kind, at, says, action }: Alert, page: string) => ({
  subject: `Pellucid: ${kind.replace('-', ' ')}`,
  text: `${says}\n\nWhat to do: ${action}\n\n${page}\n${at}\n`,
});
