import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type Config, loadConfig } from '../config.ts';
import { StudyInstanceUID } from '../dicom/uid.ts';
import { installed, keyOf } from '../models/installed.ts';
import { copyTargets, modelPlaces } from '../places.ts';
import { parseRules, type RuleFile } from '../route/rules.ts';
import { asFault, Fault } from '../shared/fault.ts';
import { tell, tellingLines } from '../wiring/telling.ts';
import { askServer, OUR_SERVER } from './our-server.ts';
import { studiesInFiles } from './route-files.ts';
import { readWords, say } from './terminal.ts';

const USAGE = `say one of
  pellucid route check [rules.yaml]
  pellucid route test <StudyInstanceUID> [--rules rules.yaml] [--json]      by the server, and its rules or these
  pellucid route test <DICOM file or folder> [--rules rules.yaml] [--json]  by RULES_FILE or these
  pellucid route compare <new-rules.yaml> [--last 200] [--json]             with the server's rules, on its last studies
  pellucid route held [<StudyInstanceUID>] [--json]                         studies that rules wait for, and what is missing
${OUR_SERVER}`;

/** `pellucid route`: rules are read, tried on a study, and compared with those in force before they go live. */
export async function routeCommand([verb, ...args]: readonly string[]): Promise<void> {
  const { values, positionals } = read(args);
  const config = loadConfig(process.env);
  const [first] = positionals;
  const json = values.json === true;
  if (verb === 'check') return check(first ?? config.RULES_FILE, config);
  if (verb === 'test' && first) {
    if (StudyInstanceUID.safeParse(first).success) return testStudy(first, { rules: values.rules, json });
    return testFiles(first, { rules: values.rules ?? config.RULES_FILE, config, json });
  }
  if (verb === 'held') return listHeld(first, json);
  if (verb === 'compare' && first) return compare(first, { last: values.last ?? '200', json });
  throw new Fault('REQUEST_INVALID', USAGE);
}

/** Throws RULES_INVALID also where the file is well formed and names what is not there. */
async function check(path: string, config: Config): Promise<void> {
  const rules = await rulesIn(path);
  if (!rules) return say('There is no rule file: every model runs on all that it accepts.');
  const models = (await installed(modelPlaces(config))).models.map(({ identity }) => keyOf(identity));
  const targets = copyTargets(config);
  const named = [...rules.rules, ...(rules.otherwise ? [{ name: 'otherwise', ...rules.otherwise }] : [])];
  const missing = [
    ...named.flatMap(({ name, run }) =>
      (run === 'none' || run === undefined ? [] : run)
        .filter((id) => !models.some((model) => model === id || model.startsWith(`${id}@`)))
        .map((id) => `${name} chooses ${id}, which is not installed.`),
    ),
    ...rules.rules.flatMap(({ name, copy }) =>
      copy && !targets.has(copy.to)
        ? [`${name} copies to ${copy.to}, which COPY_TARGETS does not name.`]
        : [],
    ),
  ];
  if (missing.length > 0) throw new Fault('RULES_INVALID', `\n${missing.join('\n')}`);
  say(`${rules.rules.length} rules, well formed; what they name is there.`);
}

interface How {
  /** A file; undefined or empty: none. */
  readonly rules: string | undefined;
  readonly json: boolean;
}

/** What the server's answer says; `operations/rule-tester.ts`. */
const Told = z.object({
  lines: z.array(z.string()),
  hasRules: z.boolean(),
  series: z.array(z.object({ SeriesInstanceUID: z.string(), does: z.array(z.string()) })),
});
type Told = z.infer<typeof Told>;

const ask = async (study: string, rules: string | undefined): Promise<Told> =>
  Told.parse(await askServer('/api/route/test', { StudyInstanceUID: study, ...(rules ? { rules } : {}) }));

/** Why each rule and each model takes each series of images, or does not. */
async function testStudy(study: string, { rules, json }: How): Promise<void> {
  const told = await ask(study, rules && (await checkedText(rules)));
  if (json) return say(JSON.stringify(told, null, 1));
  for (const line of told.lines) say(line);
}

/** The same of files, without a server. */
async function testFiles(
  path: string,
  { rules, config, json }: How & { readonly config: Config },
): Promise<void> {
  const inForce = await rulesIn(rules);
  const { models } = await installed(modelPlaces(config));
  const told = [...(await studiesInFiles(path))].flatMap(([study, series]) =>
    tell(series, { study, models, inForce }),
  );
  if (json) return say(JSON.stringify(told, null, 1));
  for (const telling of told) for (const line of tellingLines(telling)) say(line);
}

/** What the server's answer says; `operations/held.ts`. */
const Held = z.object({
  held: z.array(
    z.object({
      StudyInstanceUID: z.string(),
      rule: z.string(),
      series: z.array(z.string()),
      since: z.string(),
      deadline: z.string().optional(),
      waitsFor: z.string(),
      atDeadline: z.string(),
    }),
  ),
});

async function listHeld(study: string | undefined, json: boolean): Promise<void> {
  const asked = study === undefined ? '' : `?StudyInstanceUID=${encodeURIComponent(study)}`;
  const { held } = Held.parse(await askServer(`/api/held${asked}`));
  if (json) return say(JSON.stringify(held, null, 1));
  for (const { StudyInstanceUID: uid, rule, series, since, deadline, waitsFor, atDeadline } of held) {
    say(`${uid}  rule ${rule}  ${series.length} series since ${since}`);
    say(`           ${waitsFor}; ${deadline ? `at ${deadline} ` : ''}${atDeadline}`);
  }
  if (held.length === 0) say('No rule waits for a study.');
}

interface Change {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

const Studies = z.object({ studies: z.array(z.string()) });

/** What would change of the last studies that came, had these rules been in force. The server tries both. */
async function compare(path: string, { last, json }: { last: string; json: boolean }): Promise<void> {
  const next = await checkedText(path);
  const { studies } = Studies.parse(await askServer(`/api/route/studies?last=${encodeURIComponent(last)}`));
  const changes: Change[] = [];
  const seen = { series: 0, gone: 0, hasRules: true };
  for (const [i, study] of studies.entries()) {
    if (process.stderr.isTTY) process.stderr.write(`\r${i + 1} of ${studies.length} studies `);
    const both = await Promise.all([ask(study, undefined), ask(study, next)]).catch((error: unknown) => {
      if (asFault(error).code !== 'NOT_FOUND') throw error;
      return undefined;
    });
    if (!both) seen.gone++;
    else {
      const [before, after] = both;
      seen.hasRules = before.hasRules;
      seen.series += before.series.length;
      changes.push(...changesOf(study, before, after));
    }
  }
  if (process.stderr.isTTY) process.stderr.write('\r');
  if (json) return say(JSON.stringify({ studies: studies.length, ...seen, changes }, null, 1));
  if (!seen.hasRules) say('The server has no rules: by now every model runs on all that it accepts.');
  for (const { SeriesInstanceUID, before, after } of changes)
    say(`${SeriesInstanceUID}: ${inWords(before)} → ${inWords(after)}`);
  const gone = seen.gone > 0 ? `; ${seen.gone} studies are no longer in the archive` : '';
  say(`${changes.length} of ${seen.series} series in ${studies.length - seen.gone} studies change${gone}.`);
}

const inWords = (does: readonly string[]): string => does.join('; ') || 'nothing';

const changesOf = (StudyInstanceUID: string, before: Told, after: Told): readonly Change[] =>
  before.series.flatMap(({ SeriesInstanceUID, does }) => {
    const then = after.series.find((s) => s.SeriesInstanceUID === SeriesInstanceUID)?.does ?? [];
    return inWords(does) === inWords(then)
      ? []
      : [{ StudyInstanceUID, SeriesInstanceUID, before: does, after: then }];
  });

/** The text of a file that is a rule file; its mistakes are told here, with its name. */
async function checkedText(path: string): Promise<string> {
  const text = await textIn(path);
  parseRules(text);
  return text;
}

const rulesIn = async (path: string | undefined): Promise<RuleFile | undefined> =>
  path ? parseRules(await textIn(path)) : undefined;

const textIn = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Fault('RULES_INVALID', `${path} cannot be read`, { cause });
  });

const read = (args: readonly string[]) =>
  readWords(args, {
    usage: USAGE,
    options: { rules: { type: 'string' }, last: { type: 'string' }, json: { type: 'boolean' } },
  });
