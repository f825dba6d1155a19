import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import { openKeys } from '../access/keys.ts';
import type { Config } from '../config.ts';
import { installed } from '../models/installed.ts';
import { archiveOf, copyTargets, furtherTargets, modelPlaces } from '../places.ts';
import { openRuleBook } from '../route/rule-book.ts';
import { asFault, Fault, type FaultCode } from '../shared/fault.ts';
import { inHome } from '../shared/home.ts';
import { call, getJson, type Origin, reasonOf } from '../shared/http.ts';
import { query, textOf } from '../shared/qido.ts';
import type { Target } from '../store/targets.ts';

/** What was looked at and how it is; of what is not well, what to do. */
export interface Finding {
  readonly name: string;
  /** `warning`: it works, and something is worth knowing. */
  readonly state: 'ok' | 'warning' | 'failed';
  readonly says: string;
  readonly action?: string;
}

type Check = (config: Config) => Promise<Omit<Finding, 'name'>>;

/** A probe that hangs has failed, ms. */
const PATIENCE_MS = 15_000;

/** Looks at everything that the work needs, each by itself: what fails hides nothing else. Changes nothing. */
export const examine = (config: Config): Promise<readonly Finding[]> =>
  Promise.all(
    Object.entries(CHECKS).map(async ([name, check]) => ({ name, ...(await outcome(check, config)) })),
  );

async function outcome(check: Check, config: Config): Promise<Omit<Finding, 'name'>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Omit<Finding, 'name'>>((resolve) => {
    timer = setTimeout(
      () => resolve(failed('it does not answer within 15 s', 'See whether it hangs.')),
      PATIENCE_MS,
    );
  });
  try {
    return await Promise.race([check(config), late]);
  } catch (error) {
    const { detail, spec } = asFault(error);
    return failed(detail, spec.action);
  } finally {
    clearTimeout(timer);
  }
}

const ok = (says: string) => ({ state: 'ok', says }) as const;
const warning = (says: string, action: string) => ({ state: 'warning', says, action }) as const;
const failed = (says: string, action: string) => ({ state: 'failed', says, action }) as const;

const NEEDED_NODE = 24;
/** A head's series with what is made of it takes some 200 MB of spool. */
const SCARCE_GB = 5;
/** The hook is refused beyond 300 s. */
const CLOCK_S = 60;

const CHECKS: Readonly<Record<string, Check>> = {
  node: async () => {
    const major = Number(process.versions.node.split('.')[0]);
    return major >= NEEDED_NODE
      ? ok(`Node ${process.versions.node}`)
      : failed(
          `Node ${process.versions.node} is too old`,
          `Start it by npm, which brings Node ${NEEDED_NODE}.`,
        );
  },
  memory: async ({ WORKER_MEMORY_MB, CONCURRENCY }) => {
    const [has, wants] = [
      Math.floor(Math.min(totalmem(), limitOfGroup()) / 2 ** 20),
      WORKER_MEMORY_MB * CONCURRENCY,
    ];
    return wants <= has
      ? ok(`${has} MB, of which the workers may use ${wants}`)
      : warning(
          `the workers may use ${wants} MB, and there are ${has}`,
          'Lower WORKER_MEMORY_MB or CONCURRENCY.',
        );
  },
  disk: async ({ DATA_DIR }) => {
    const place = await thatExists(DATA_DIR);
    const writable = await access(place, constants.W_OK).then(
      () => true,
      () => false,
    );
    if (!writable)
      return failed(
        `${place} cannot be written`,
        'Give the account that runs the server the folder DATA_DIR.',
      );
    const { bavail, bsize } = await statfs(place);
    const free = (bavail * bsize) / 1e9;
    const says = `${free.toFixed(1)} GB free in DATA_DIR`;
    return free > SCARCE_GB
      ? ok(says)
      : warning(says, `Make room: below ${SCARCE_GB} GB results may find no place to wait.`);
  },
  database: async ({ DATABASE_URL, DATA_DIR }) => {
    if (DATABASE_URL === '') return ok(`embedded, in ${join(DATA_DIR, 'db')}`);
    const client = new pg.Client({
      connectionString: DATABASE_URL,
      connectionTimeoutMillis: PATIENCE_MS - 1_000,
    });
    try {
      await client.connect();
      const { rows } = await client.query("select current_setting('server_version') as version");
      return ok(`PostgreSQL ${(rows as readonly { version: string }[])[0]?.version}`);
    } catch (error) {
      return failed(
        `PostgreSQL does not let us in: ${reasonOf(error)}`,
        'Check DATABASE_URL, and that the database runs.',
      );
    } finally {
      await client.end().catch(() => undefined);
    }
  },
  archive: async (config) => {
    if (config.ARCHIVE !== 'orthanc') return ok('any DICOMweb archive: see the next lines');
    const system = (await getJson(archiveOf(config), '/system')) as { readonly Version?: string } | undefined;
    return system?.Version
      ? ok(`Orthanc ${system.Version}`)
      : failed('what answers at ORTHANC_URL is no Orthanc', 'Correct ORTHANC_URL, or set ARCHIVE=dicomweb.');
  },
  'reading by DICOMweb': (config) => listsAll(config),
  'storing by DICOMweb': (config) => mayStore(archiveOf(config), config.DICOMWEB_PATH),
  'further targets': (config) => theyAnswer(furtherTargets(config), 'STORE_ALSO'),
  'targets of copies': (config) => theyAnswer([...copyTargets(config).values()], 'COPY_TARGETS'),
  clock: async (config) => {
    if (config.ARCHIVE !== 'orthanc') return ok('not compared: only Orthanc tells its own');
    const answer = await call(archiveOf(config), '/tools/now');
    const [, y, mo, d, h, mi, s] =
      /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)$/.exec((await answer.body.text()).trim()) ?? [];
    if (answer.status !== 200 || y === undefined)
      return warning('Orthanc does not tell its time', 'Compare the clocks by hand.');
    const off = Math.round(
      (Date.UTC(+y, Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s)) - Date.now()) / 1000,
    );
    return Math.abs(off) <= CLOCK_S
      ? ok(`${Math.abs(off)} s apart from Orthanc’s`)
      : failed(
          `${off} s apart from Orthanc’s`,
          'Set both clocks by NTP: beyond 300 s Orthanc’s hook is refused.',
        );
  },
  'log-in': async (config) => {
    if (config.ACCESS_KEYS) await openKeys(config.ACCESS_KEYS);
    if (config.OIDC_ISSUER) {
      const path = `${new URL(config.OIDC_ISSUER).pathname.replace(/\/$/, '')}/.well-known/openid-configuration`;
      const found = await getJson({ url: new URL(config.OIDC_ISSUER).origin }, path).catch(
        (cause: unknown) => {
          throw new Fault('IDENTITY_UNREACHABLE', `${config.OIDC_ISSUER} does not say how people log in`, {
            cause,
          });
        },
      );
      if ((found as { readonly issuer?: string } | undefined)?.issuer !== config.OIDC_ISSUER)
        return failed(
          'the provider calls itself otherwise than OIDC_ISSUER',
          'Write OIDC_ISSUER exactly as the provider does.',
        );
    }
    const ways = [config.ACCESS_KEYS && 'keys', config.OIDC_ISSUER && 'OpenID Connect'].filter(Boolean);
    if (ways.length > 0) return ok(ways.join(' and '));
    const isLoopback = /^(localhost|::1|127(\.\d+){3})$/.test(config.HOST);
    return isLoopback
      ? warning(
          'nobody logs in: who can use this machine may do everything',
          'Set ACCESS_KEYS or OIDC_ISSUER where others use it.',
        )
      : failed(`HOST is ${config.HOST}, and nobody logs in`, 'Set ACCESS_KEYS or OIDC_ISSUER.');
  },
  hook: async ({ HOOK_SECRET, ARCHIVE, POLL_MS }) =>
    ARCHIVE !== 'orthanc' || HOOK_SECRET !== ''
      ? ok(ARCHIVE === 'orthanc' ? 'Orthanc’s hook is taken when it is signed' : 'not used')
      : warning(
          `no HOOK_SECRET: new series are found each ${POLL_MS} ms`,
          'Set it here and for Orthanc: orthanc-config/README.md.',
        ),
  models: async (config) => {
    const { models, refused } = await installed(modelPlaces(config));
    const [bad] = refused;
    if (bad) return failed(`${refused.length} do not load: ${bad.fault.detail}`, bad.fault.spec.action);
    if (models.length === 0) return failed('there are none', 'Set MODEL_PATH to a folder of model packages.');
    const clinical = models.filter(({ mode }) => mode === 'clinical' || mode === 'canary');
    const says = `${models.length}, of which ${clinical.length} write results`;
    const first = models.find(({ mode }) => mode === 'shadow');
    return first
      ? warning(`${says}; ${first.identity.id}: ${first.why}`, 'See pellucid model list.')
      : ok(says);
  },
  rules: async ({ RULES_FILE }) => {
    const book = await openRuleBook(RULES_FILE, { onRead: () => undefined, onRefused: () => undefined });
    const rules = await book.current();
    return ok(rules ? `${rules.rules.length} rules` : 'none: each model reads all that it accepts');
  },
  viewer: async ({ OHIF_DIST }) => {
    const built = await Promise.all(
      [`${OHIF_DIST}/index.html`, inHome('ohif-extension/dist/index.umd.js')].map(isFile),
    );
    return built.every(Boolean)
      ? ok('OHIF and the panel are there')
      : warning(
          'no viewer is built',
          'Run npm run setup; without it results are in the archive all the same.',
        );
  },
};

/** Whether what is stored beside the archive has a place to go; `setting` names them. */
async function theyAnswer(targets: readonly Target[], setting: string): Promise<Omit<Finding, 'name'>> {
  for (const target of targets) {
    if (target.kind === 'dicomweb') {
      const found = await mayStore(target.archive, target.path);
      if (found.state !== 'ok') return { ...found, says: `${target.archive.url}: ${found.says}` };
    } else if (target.kind === 'modality') {
      if (
        (await getJson(
          target.orthanc,
          `/modalities/${encodeURIComponent(target.modality)}/configuration`,
        )) === undefined
      )
        return failed(
          `Orthanc knows no modality ${target.modality}`,
          'Add it to DicomModalities of Orthanc.',
        );
    } else if (!(await isFolder(target.folder)))
      return failed(`${target.folder} is no folder`, `Make the folder, or correct ${setting}.`);
  }
  return ok(targets.length === 0 ? 'none' : `${targets.length} that answer`);
}

const STUDY = '0020000D';
const INSTANCES_OF_STUDY = '00201208';

/** Whether what arrives can be seen by QIDO-RS: pages, and how many images a study has, which only the listener of another archive needs. */
async function listsAll(config: Config): Promise<Omit<Finding, 'name'>> {
  const [archive, studies] = [archiveOf(config), `${config.DICOMWEB_PATH}/studies`];
  const [first, next] = await Promise.all(
    [0, 1].map((offset) =>
      query(archive, `${studies}?includefield=${INSTANCES_OF_STUDY}&limit=1&offset=${offset}`),
    ),
  );
  const study = first?.[0];
  if (config.ARCHIVE !== 'dicomweb' || !study) return ok('QIDO-RS answers');
  if (next?.[0] && textOf(next[0], STUDY) === textOf(study, STUDY))
    return warning(
      'QIDO-RS gives the same whatever page is asked for: studies beyond its own limit, if it has one, are never seen',
      'Ask its maker for offset (PS3.18 §8.3.4.4), or whether it always lists all.',
    );
  if (textOf(study, INSTANCES_OF_STUDY) === undefined)
    return warning(
      'QIDO-RS does not say how many images a study has: each is looked into every five minutes, and a late image waits so long',
      'Keep QUERY_DAYS as small as fits.',
    );
  return ok('QIDO-RS answers, in pages, and counts');
}

/** A store of nothing: an archive that would refuse objects of ours refuses it. */
async function mayStore(archive: Origin, path: string): Promise<Omit<Finding, 'name'>> {
  const boundary = 'pellucid-nothing';
  const answer = await call(archive, `${path}/studies`, {
    method: 'POST',
    headers: {
      'content-type': `multipart/related; type="application/dicom"; boundary=${boundary}`,
      accept: 'application/dicom+json',
    },
    body: `--${boundary}--\r\n`,
  });
  await answer.body.dump();
  if (answer.status >= 500 || NOT_TAKEN.includes(answer.status)) {
    const code: FaultCode = answer.status >= 500 ? 'ARCHIVE_UNREACHABLE' : 'STORE_REFUSED';
    throw new Fault(code, `STOW-RS of nothing was answered ${answer.status}`);
  }
  return ok('STOW-RS takes objects');
}
/** Log-in, permission, no such service. Others, such as 400, are about the nothing that was sent. */
const NOT_TAKEN = [401, 403, 404, 405];

/** The folder, or the one in which it will be made. */
async function thatExists(folder: string): Promise<string> {
  const whole = resolve(folder);
  return (await isFolder(whole)) || whole === '/' ? whole : thatExists(dirname(whole));
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** A container's limit; without one, none. */
const limitOfGroup = (): number => process.constrainedMemory() || Number.POSITIVE_INFINITY;
