import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import { openKeys } from '../access/keys.ts';
import type { Config } from '../config.ts';
import { installed } from '../models/installed.ts';
import { modelPlaces } from '../places.ts';
import { openRuleBook } from '../route/rule-book.ts';
import { asFault, Fault } from '../shared/fault.ts';
import { inHome } from '../shared/home.ts';
import { getJson, reasonOf } from '../shared/http.ts';
import { isFile, isFolder } from '../shared/on-disk.ts';
import { ARCHIVE_CHECKS } from './doctor-archive.ts';
import { type Check, type Finding, type Found, failed, ok, warning } from './doctor-finding.ts';

/** A probe that hangs has failed, ms. */
const PATIENCE_MS = 15_000;

/** Looks at everything that the work needs, each by itself: what fails hides nothing else. Changes nothing. */
export const examine = (config: Config): Promise<readonly Finding[]> =>
  Promise.all(
    Object.entries(CHECKS).map(async ([name, check]) => ({ name, ...(await outcome(check, config)) })),
  );

async function outcome(check: Check, config: Config): Promise<Found> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Found>((resolve) => {
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

const NEEDED_NODE = 24;
/** A head's series with what is made of it takes some 200 MB of spool. */
const SCARCE_GB = 5;
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
  ...ARCHIVE_CHECKS,
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

/** The folder, or the one in which it will be made. */
async function thatExists(folder: string): Promise<string> {
  const whole = resolve(folder);
  return (await isFolder(whole)) || whole === '/' ? whole : thatExists(dirname(whole));
}

/** A container's limit; without one, none. */
const limitOfGroup = (): number => process.constrainedMemory() || Number.POSITIVE_INFINITY;
