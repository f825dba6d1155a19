import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { OPTIONAL_KINDS } from './contracts.ts';
import { copyTargets } from './places.ts';
import { Fault } from './shared/fault.ts';
import { inHome } from './shared/home.ts';
import { ms } from './shared/units.ts';

/** A file whose text is meant, and not its name; empty: none. */
const fileText = z
  .string()
  .default('')
  .transform((path, { addIssue }) => {
    try {
      return path === '' ? '' : readFileSync(path, 'utf8').trim();
    } catch {
      addIssue(`${path} cannot be read`);
      return z.NEVER;
    }
  });

const milliseconds = z.coerce.number().int().positive().transform(ms);

/** Separated by commas; empty: none. */
const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter(Boolean),
  );

/** `a=1,b=2` */
const numbersById = list
  .pipe(
    z.array(
      z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*=[1-9]\d{0,6}$/, 'is not id=number, separated by commas'),
    ),
  )
  .transform((entries) =>
    Object.fromEntries(entries.map((entry) => [entry.split('=')[0] as string, Number(entry.split('=')[1])])),
  );

/** Everything that can be set, read once from the environment. */
export const Config = z.object({
  /** Orthanc's REST address, without a trailing slash. */
  ORTHANC_URL: z.url().default('http://127.0.0.1:8042'),
  ORTHANC_USER: z.string().default(''),
  ORTHANC_PASSWORD: z.string().default(''),
  /** `orthanc`, followed by its log of changes; or any `dicomweb` archive at ORTHANC_URL and DICOMWEB_PATH, asked by queries. */
  ARCHIVE: z.enum(['orthanc', 'dicomweb']).default('orthanc'),
  /** Of what Orthanc holds at the first start with a DATA_DIR: nothing is read (`now`), or all of it, behind what comes. */
  START: z.enum(['now', 'all']).default('now'),
  /** Of a `dicomweb` archive: studies of so many days back are watched, by StudyDate. */
  QUERY_DAYS: z.coerce.number().int().min(0).max(3_650).default(1),
  /** Certificates (PEM) by which the archive is trusted; empty: those that Node knows. */
  ARCHIVE_CA_FILE: fileText,
  /** Our certificate and its key (PEM), for an archive that asks for one (mutual TLS). */
  ARCHIVE_CERT_FILE: fileText,
  ARCHIVE_KEY_FILE: fileText,
  /** Path of the DICOMweb root on that server. */
  DICOMWEB_PATH: z.string().startsWith('/').default('/dicom-web'),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  /** Key file, made by `pellucid key add`; empty: no keys. With neither keys nor OIDC nobody logs in, and HOST must be loopback. */
  ACCESS_KEYS: z.string().default(''),
  /** Address of an OpenID Connect provider; empty: none. */
  OIDC_ISSUER: z.union([z.literal(''), z.url()]).default(''),
  OIDC_CLIENT_ID: z.string().default(''),
  /** File that holds the client's secret; empty: a public client. */
  OIDC_CLIENT_SECRET_FILE: z.string().default(''),
  /** For whom bearer tokens must be made out. */
  OIDC_AUDIENCE: z.string().default(''),
  /** Claim with a role, alone or in a list, of which the highest counts; dots lead into objects. */
  OIDC_ROLE_CLAIM: z.string().default('roles'),
  OIDC_SCOPE: z.string().default('openid profile'),
  /** Our own address as browsers see it, such as https://ai.hospital.example; needed with OIDC and behind a TLS proxy. */
  PUBLIC_URL: z.union([z.literal(''), z.url()]).default(''),
  /** Addresses or networks, separated by commas, whose word (X-Forwarded-For, -Proto) on who asks is taken, beside this machine's own. */
  TRUSTED_PROXIES: list.pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))),
  /** Of each person or program, and of each address before the log-in; images are not counted. 0: any number. */
  REQUESTS_PER_MINUTE: z.coerce.number().int().min(0).default(3_000),
  /** A request must have come whole by then; its headers in a quarter of that. Who sends large files over a slow line needs more. */
  REQUEST_TIMEOUT_MS: milliseconds.default(ms(60_000)),
  /** Shared with Orthanc's Lua hook; without it the hook is refused and only polling wakes the listener. */
  HOOK_SECRET: z.string().default(''),
  /** Folder of the queue, the records and the spool. */
  DATA_DIR: z.string().default('.pellucid'),
  /** Empty: embedded PGlite in DATA_DIR. */
  DATABASE_URL: z.string().default(''),
  /** Folders that hold model packages, separated by colons. */
  MODEL_PATH: z.string().default(inHome('models')),
  /** Rule file that says which models read which series, and how soon; empty: each model reads all that it accepts. */
  RULES_FILE: z.string().default(''),
  /** Built OHIF with `index.html`; empty: no viewer. */
  OHIF_DIST: z.string().default(inHome('.cache/ohif/dist')),
  /** How often the archive is asked for changes. */
  POLL_MS: milliseconds.default(ms(1_000)),
  /** Quiet time after the last instance before a series counts as complete, when the archive itself does not say so. */
  SETTLE_MS: milliseconds.default(ms(10_000)),
  /** One analysis may take this long. */
  JOB_TIMEOUT_MS: milliseconds.default(ms(900_000)),
  /** Resident memory that one worker process may use. */
  WORKER_MEMORY_MB: z.coerce.number().int().min(256).default(6_144),
  /** Kinds of results beside those that are always written, separated by commas; `none` for none. */
  ALSO_WRITE: z
    .string()
    .default('KOS')
    .transform((list) => (list === 'none' ? [] : list.split(',').map((kind) => kind.trim())))
    .pipe(z.array(z.enum(OPTIONAL_KINDS))),
  /** Series Numbers of results are this and a number from 1 to 8. */
  SERIES_NUMBER_BASE: z.coerce.number().int().min(0).max(999_990).default(900),
  /** What the results say of themselves (PS3.3 C.8.13.2.1.1); PRODUCT only where the models are cleared for it. */
  CONTENT_QUALIFICATION: z.enum(['PRODUCT', 'RESEARCH', 'SERVICE']).default('RESEARCH'),
  /** Label maps in RLE Lossless, for archives with little room; else native. */
  COMPRESS_LABEL_MAPS: z.stringbool().default(false),
  /**
   * Where results go beside the archive, separated by commas: `dicomweb:` and the address of a DICOMweb root, `modality:` and a name
   * that Orthanc knows, `folder:` and a path.
   */
  STORE_ALSO: list.pipe(z.array(z.string().regex(/^(dicomweb:https?:\/\/[^/]+\/.*|modality:.+|folder:.+)$/))),
  /**
   * Where copies without identity may go, by the name that rules use, separated by commas: `research=dicomweb:` and the address of a DICOMweb root, or
   * `teaching=folder:` and a path.
   */
  COPY_TARGETS: list.pipe(
    z.array(z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*=(dicomweb:https?:\/\/[^/]+\/.*|folder:.+)$/)),
  ),
  /**
   * By it UIDs and patients get their pseudonyms, the same for ever: who has it can undo them. Of at least 32
   * characters, and needed, with COPY_TARGETS.
   */
  COPY_SECRET: z.string().default(''),
  /** The panel shows no result before its reader asks for it, and each asking is noted. */
  READ_FIRST: z.stringbool().default(false),
  /** Whose readers sign assessments (PS3.3 C.17.2, Verifying Organization); empty: nobody can. */
  ASSESSMENT_ORGANIZATION: z.string().max(64).default(''),
  /** Analyses at work at once in this process; 0: it listens and answers, and `pellucid work` elsewhere works. */
  CONCURRENCY: z.coerce.number().int().min(0).max(64).default(1),
  /** Where to tell what fails for good, an archive that is down, a queue that stands still: an address that takes JSON by POST; empty: none. */
  ALERT_WEBHOOK: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).default(''),
  /** Signs those calls as Orthanc's hook signs its own; empty: unsigned. */
  ALERT_WEBHOOK_SECRET: z.string().default(''),
  /** And by mail: smtp://user:password@host:587, or smtps://; empty: none. */
  ALERT_SMTP: z.union([z.literal(''), z.url({ protocol: /^smtps?$/ })]).default(''),
  ALERT_MAIL_FROM: z.string().default('pellucid@localhost'),
  /** Addresses, separated by commas. */
  ALERT_MAIL_TO: z.string().default(''),
  /** The queue stands still when its oldest analysis that may begin has waited for so long. */
  ALERT_WAITING_MS: milliseconds.default(ms(600_000)),
  /** Address of an OpenTelemetry collector that takes OTLP over HTTP; empty: no traces. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).default(''),
  /** By model, `id=number` separated by commas: at most so many of its analyses at work at once, over all processes. */
  MODEL_CONCURRENCY: numbersById,
  /** Memory that the analyses at work in this process may use together, MiB; 0: no bound. One that finds no room waits. */
  MEMORY_MB: z.coerce.number().int().min(0).default(0),
  /** By model, `id=MiB`: what one analysis of it may use; else WORKER_MEMORY_MB. */
  MODEL_MEMORY_MB: numbersById,
  ORT_THREADS: z.coerce.number().int().min(1).default(2),
});
export type Config = z.infer<typeof Config>;

/** What need not stand in the environment: the same name with `_FILE` names a file that holds it. */
export const SECRETS = [
  'ORTHANC_PASSWORD',
  'HOOK_SECRET',
  'DATABASE_URL',
  'ALERT_WEBHOOK_SECRET',
  'COPY_SECRET',
  'ALERT_SMTP',
] as const satisfies readonly (keyof Config)[];

/** The configuration, or CONFIG_INVALID that lists every mistake at once. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const known = Object.fromEntries(
    Object.keys(Config.shape).flatMap((key) =>
      env[key] === undefined || env[key] === '' ? [] : [[key, env[key]]],
    ),
  );
  const secrets = SECRETS.map((key) => ({
    key,
    text: z.object({ [`${key}_FILE`]: fileText }).safeParse(env),
  }));
  const given = secrets.flatMap(({ key, text }) => {
    const [value] = Object.values(text.data ?? {});
    return value ? [[key, value] as const] : [];
  });
  const parsed = Config.safeParse({ ...known, ...Object.fromEntries(given) });
  const mistakes = [
    ...secrets.flatMap(({ text }) => (text.success ? [] : [z.prettifyError(text.error)])),
    ...given
      .filter(([key]) => key in known)
      .map(([key]) => `✖ ${key} and ${key}_FILE are both set\n  → at ${key}`),
    ...(parsed.success ? copyMistakes(parsed.data) : [z.prettifyError(parsed.error)]),
  ];
  if (parsed.success && mistakes.length === 0) return parsed.data;
  throw new Fault('CONFIG_INVALID', `\n${mistakes.join('\n')}`);
}

/** A copy never goes to where the originals are. */
function copyMistakes(config: Config): readonly string[] {
  if (config.COPY_TARGETS.length === 0) return [];
  const own = placeOf(config.ORTHANC_URL);
  const same = [...copyTargets(config)].filter(
    ([, target]) => target.kind === 'dicomweb' && placeOf(target.archive.url) === own,
  );
  return [
    ...(config.COPY_SECRET.length < 32
      ? ['✖ COPY_TARGETS needs a COPY_SECRET of at least 32 characters\n  → at COPY_SECRET']
      : []),
    ...same.map(([name]) => `✖ ${name} is the archive of the originals\n  → at COPY_TARGETS`),
  ];
}

const placeOf = (url: string): string => {
  const { hostname, port, protocol } = new URL(url);
  const here = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname) ? 'localhost' : hostname;
  return `${here}:${port || (protocol === 'https:' ? '443' : '80')}`;
};
