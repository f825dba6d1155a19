import { alertSender } from '../alerts/send.ts';
import { watch } from '../alerts/watch.ts';
import type { Config } from '../config.ts';
import { PACKAGER } from '../encode/version.ts';
import type { Jobs } from '../jobs/index.ts';
import { archiveOf } from '../places.ts';
import type { RuleBook } from '../route/rule-book.ts';
import { getJson } from '../shared/http.ts';

/** Alerts, as far as they are set. Returns how to end that. Throws CONFIG_INVALID. */
export function openAlerts(
  config: Config,
  jobs: Pick<Jobs, 'overview'>,
  rules: Pick<RuleBook, 'state'>,
): () => void {
  const archive = archiveOf(config);
  const send = alertSender({
    webhook: config.ALERT_WEBHOOK,
    secret: config.ALERT_WEBHOOK_SECRET,
    smtp: config.ALERT_SMTP,
    from: config.ALERT_MAIL_FROM,
    to: config.ALERT_MAIL_TO,
    page: `${config.PUBLIC_URL || `http://${config.HOST}:${config.PORT}`}/operations`,
  });
  if (!send) return () => undefined;
  const watching = watch({
    jobs,
    archive: () => getJson(archive, `${config.DICOMWEB_PATH}/studies?limit=1`, 'application/dicom+json'),
    rulesRefused: async () => (await rules.state())?.refused?.at,
    waitingMs: config.ALERT_WAITING_MS,
    send,
  });
  return watching.stop;
}

/** Traces of what this process does, where a collector is set. Returns how to end that. */
export async function openTracing(
  config: Config,
  jobs: Pick<Jobs, 'onChange'>,
): Promise<() => Promise<void>> {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint === '') return async () => undefined;
  // Its libraries are loaded only where they are wanted.
  const { openTraces } = await import('../metrics/traces.ts');
  const traces = openTraces(endpoint, PACKAGER.SoftwareVersions);
  const stopHearing = jobs.onChange(traces.told);
  return async () => {
    stopHearing();
    await traces.end();
  };
}
