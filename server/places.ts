import { join } from 'node:path';
import type { Config } from './config.ts';
import type { Site } from './encode/index.ts';
import type { Places } from './models/installed.ts';
import { sharedDecisions } from './models/shared-state.ts';
import { decisionsIn } from './models/state.ts';
import type { Origin, Tls } from './shared/http.ts';
import type { Target } from './store/targets.ts';

/** What the settings name: the archive, further targets, packages and the decisions about them, the site. */

/** What the site sets of all its results. */
export const siteOf = (config: Config): Site => ({
  seriesNumberBase: config.SERIES_NUMBER_BASE,
  contentQualification: config.CONTENT_QUALIFICATION,
  compressLabelMaps: config.COMPRESS_LABEL_MAPS,
});

/** Where results go beside the archive. */
export const furtherTargets = (config: Config): readonly Target[] =>
  config.STORE_ALSO.map((target) => targetOf(target, config));

/** Where copies without identity may go, by name. */
export const copyTargets = (config: Config): ReadonlyMap<string, Target> =>
  new Map(
    config.COPY_TARGETS.map((entry) => {
      const at = entry.indexOf('=');
      return [entry.slice(0, at), targetOf(entry.slice(at + 1), config)];
    }),
  );

function targetOf(target: string, config: Config): Target {
  const place = target.slice(target.indexOf(':') + 1);
  if (target.startsWith('folder:')) return { kind: 'folder', folder: place };
  if (target.startsWith('modality:'))
    return { kind: 'modality', orthanc: archiveOf(config), modality: place };
  const { origin, pathname } = new URL(place);
  return {
    kind: 'dicomweb',
    archive: { url: origin, ...tlsOf(config) },
    path: pathname.replace(/\/$/, ''),
  };
}

/** Where model packages are: the folders of MODEL_PATH, then those that `pellucid model add` brought. */
export const modelPlaces = (config: Config): Places & { readonly store: string } => {
  const { MODEL_PATH, DATA_DIR, DATABASE_URL } = config;
  const store = join(DATA_DIR, 'models');
  return {
    store,
    path: `${MODEL_PATH}:${store}`,
    decisions: DATABASE_URL ? sharedDecisions(DATABASE_URL) : decisionsIn(decisionsFile(config)),
  };
};

/** The operator's decisions about models, where no database is shared. */
export const decisionsFile = ({ DATA_DIR }: Pick<Config, 'DATA_DIR'>): string =>
  join(DATA_DIR, 'models.json');

/** Where the archive is, and how it knows us. */
export const archiveOf = (config: Config): Origin => ({
  url: config.ORTHANC_URL.replace(/\/$/, ''),
  ...tlsOf(config),
  ...(config.ORTHANC_USER
    ? {
        authorization: `Basic ${Buffer.from(`${config.ORTHANC_USER}:${config.ORTHANC_PASSWORD}`).toString('base64')}`,
      }
    : {}),
});

function tlsOf(config: Config): Pick<Origin, 'tls'> {
  const tls: Tls = {
    ...(config.ARCHIVE_CA_FILE ? { ca: config.ARCHIVE_CA_FILE } : {}),
    ...(config.ARCHIVE_CERT_FILE ? { cert: config.ARCHIVE_CERT_FILE } : {}),
    ...(config.ARCHIVE_KEY_FILE ? { key: config.ARCHIVE_KEY_FILE } : {}),
  };
  return Object.keys(tls).length > 0 ? { tls } : {};
}
