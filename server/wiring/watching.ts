import { alertSender } from '../alerts/send.ts';
import { watch } from '../alerts/watch.ts';
import { archiveOf, type Config } from '../config.ts';
import { PACKAGER } from '../encode/version.ts';
import type { Jobs } from '../jobs/index.ts';
import { getJson } from '../shared/http.ts';

/** Alerts and traces, as far as they are set. Returns how to end that. Throws CONFIG_INVALID. */
export async function openWatching({
  config,
  jobs,
}: {
  readonly config: Config;
  readonly jobs: Pick<Jobs, 'overview' | 'onChange'>;
}): Promise<() => Promise<void>> {
  const archive = archiveOf(config);
  const send = alertSender({
    webhook: config.ALERT_WEBHOOK,
    secret: config.ALERT_WEBHOOK_SECRET,
    smtp: config.ALERT_SMTP,
    from: config.ALERT_MAIL_FROM,
    to: config.ALERT_MAIL_TO,
    page: `${config.PUBLIC_URL || `http://${config.HOST}:${config.PORT}`}/operations`,
  });
  const watching =
    send &&
    watch({
      jobs,
      archive: () => getJson(archive, `${config.DICOMWEB_PATH}/studies?limit=1`, 'application/dicom+json'),
      waitingMs: config.ALERT_WAITING_MS,
      send,
    });
  const traces = config.OTEL_EXPORTER_OTLP_ENDPOINT
    ? // Its libraries are loaded only where they are wanted.
      (await import('../metrics/traces.ts')).openTraces(
        config.OTEL_EXPORTER_OTLP_ENDPOINT,
        PACKAGER.SoftwareVersions,
      )
    : undefined;
  const stopHearing = traces && jobs.onChange(traces.told);
  return async () => {
    watching?.stop();
    stopHearing?.();
    await traces?.end();
  };
}
