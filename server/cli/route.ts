import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Config, loadConfig } from '../config.ts';
import { type Dataset, readPart10, text } from '../dicom/read.ts';
import { SeriesInstanceUID, StudyInstanceUID } from '../dicom/uid.ts';
import { installed, keyOf } from '../models/installed.ts';
import { archiveOf, copyTargets, modelPlaces } from '../places.ts';
import { type Attributes, attributesOf, seriesAttributes, studyAttributes } from '../route/attributes.ts';
import { type Decision, route } from '../route/route.ts';
import { parseRules, type RuleFile, rule } from '../route/rules.ts';
import { copyInWords, tell, tellingLines } from '../route/telling.ts';
import { asFault, Fault } from '../shared/fault.ts';
import { askServer } from './our-server.ts';
import { readWords, say } from './terminal.ts';

const USAGE = `say one of
  pellucid route check [rules.yaml]
  pellucid route test <StudyInstanceUID, .dcm file or folder> [--rules rules.yaml] [--json]
  pellucid route compare <new-rules.yaml> [--last 200] [--json]
Without --rules, those of RULES_FILE count.`;

interface Setting {
  readonly config: Config;
  readonly rules: RuleFile | undefined;
  readonly json: boolean;
}

/** `pellucid route`: rules are read, tried on a study, and compared with those in force before they go live. */
export async function routeCommand([verb, ...args]: readonly string[]): Promise<void> {
  const { values, positionals } = read(args);
  const config = loadConfig(process.env);
  const path = values.rules ?? config.RULES_FILE;
  const rules = path === '' ? undefined : await rulesIn(path);
  const setting = { config, rules, json: values.json === true };
  const [first] = positionals;
  if (verb === 'check') return check(first === undefined ? rules : await rulesIn(first), config);
  if (verb === 'test' && first) return test(first, setting);
  if (verb === 'compare' && first) return compare(await rulesIn(first), Number(values.last ?? 200), setting);
  throw new Fault('REQUEST_INVALID', USAGE);
}

async function check(rules: RuleFile | undefined, config: Config): Promise<void> {
  if (!rules) return say('There is no rule file: every model runs on all that it accepts.');
  const models = (await candidates(config)).map(({ id }) => id);
  const named = [...rules.rules, ...(rules.otherwise ? [{ name: 'otherwise', ...rules.otherwise }] : [])];
  for (const { name, run } of named)
    for (const id of run === 'none' || run === undefined ? [] : run)
      if (!models.some((m) => m === id || m.startsWith(`${id}@`)))
        say(`${name} chooses ${id}, which is not installed.`);
  const targets = copyTargets(config);
  for (const { name, copy } of rules.rules)
    if (copy && !targets.has(copy.to)) say(`${name} copies to ${copy.to}, which COPY_TARGETS does not name.`);
  say(`${rules.rules.length} rules, well formed.`);
}

/** Why each rule and each model did or did not take each series. */
async function test(what: string, { config, rules, json }: Setting): Promise<void> {
  const models = await candidates(config);
  const series = StudyInstanceUID.safeParse(what).success
    ? await studyAttributes(archiveOf(config), config.DICOMWEB_PATH, what)
    : await fromFiles(what);
  const told = tell(series, models, rules);
  if (json) return say(JSON.stringify(told, null, 1));
  for (const telling of told) for (const line of tellingLines(telling)) say(line);
}

/** What would change of the last series that came, had these rules been in force. The server lists them. */
async function compare(next: RuleFile, last: number, { config, rules, json }: Setting): Promise<void> {
  const models = await candidates(config);
  const changes: Change[] = [];
  const series = await lastSeries(last);
  let gone = 0;
  for (const address of series) {
    const attributes = await seriesAttributes(archiveOf(config), config.DICOMWEB_PATH, address).catch(
      (error: unknown) => {
        if (asFault(error).code !== 'RETRIEVE_INCOMPLETE') throw error;
        gone++;
        return undefined;
      },
    );
    if (!attributes) continue;
    const runs = (file: RuleFile | undefined): string =>
      [
        runsOf(route(attributes, models, file)),
        ...(file ? rule(file, attributes).copies.map(copyInWords) : []),
      ].join('; ');
    if (runs(rules) !== runs(next)) changes.push({ ...address, before: runs(rules), after: runs(next) });
  }
  if (json) return say(JSON.stringify({ series: series.length, gone, changes }, null, 1));
  for (const { SeriesInstanceUID, before, after } of changes)
    say(`${SeriesInstanceUID}: ${before} → ${after}`);
  say(
    `${changes.length} of ${series.length} series change${gone > 0 ? `; ${gone} are no longer in the archive` : ''}.`,
  );
}

interface Address {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
}
interface Change extends Address {
  readonly before: string;
  readonly after: string;
}

const runsOf = (decisions: readonly Decision[]): string =>
  decisions
    .flatMap((d) =>
      d.run ? [`${d.modelId} (${d.priority}${d.waitsFor ? ', when its study is complete' : ''})`] : [],
    )
    .join(', ') || 'nothing';

const Listed = z.object({ analyses: z.array(z.object({ StudyInstanceUID, SeriesInstanceUID })) });

async function lastSeries(last: number): Promise<readonly Address[]> {
  if (!Number.isInteger(last) || last < 1 || last > 1_000)
    throw new Fault('REQUEST_INVALID', '--last is a number from 1 to 1000');
  const { analyses } = Listed.parse(await askServer(`/api/analyses?limit=${last}`));
  return [...new Map(analyses.map((a) => [a.SeriesInstanceUID, a])).values()];
}

async function fromFiles(path: string): Promise<ReadonlyMap<string, Attributes>> {
  const images = new Map<string, Dataset[]>();
  for (const file of await filesIn(path)) {
    const { dataset } = readPart10(await readFile(file));
    const series = text(dataset, 'SeriesInstanceUID') ?? '(absent)';
    images.set(series, [...(images.get(series) ?? []), dataset]);
  }
  return new Map([...images].map(([series, all]) => [series, attributesOf(firstOf(all), all)]));
}

const firstOf = (images: readonly Dataset[]): Dataset =>
  images.toSorted((a, b) =>
    (text(a, 'SOPInstanceUID') ?? '') < (text(b, 'SOPInstanceUID') ?? '') ? -1 : 1,
  )[0] ?? {};

async function filesIn(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new Fault('REQUEST_INVALID', `${path} is neither a UID nor a file`, { cause });
  });
  if (!found.isDirectory()) return [path];
  const files = (await readdir(path, { recursive: true })).filter((name) => name.endsWith('.dcm'));
  if (files.length === 0) throw new Fault('REQUEST_INVALID', `${path} holds no .dcm file`);
  return files.map((name) => join(path, name));
}

const candidates = async (config: Config) =>
  (await installed(modelPlaces(config))).models.map(({ identity, spec }) => ({
    id: keyOf(identity),
    accepts: spec.accepts,
  }));

const rulesIn = async (path: string): Promise<RuleFile> =>
  parseRules(
    await readFile(path, 'utf8').catch((cause: unknown) => {
      throw new Fault('RULES_INVALID', `${path} cannot be read`, { cause });
    }),
  );

const read = (args: readonly string[]) =>
  readWords(args, {
    usage: USAGE,
    options: { rules: { type: 'string' }, last: { type: 'string' }, json: { type: 'boolean' } },
  });
