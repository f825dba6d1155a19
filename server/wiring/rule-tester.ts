import type { Config } from '../config.ts';
import { readPart10, text } from '../dicom/read.ts';
import type { Jobs } from '../jobs/index.ts';
import { isDerivedClass, isDerivedModality } from '../listen/derived.ts';
import { installed, keyOf } from '../models/installed.ts';
import type { RuleTester, Told } from '../operations/rule-tester.ts';
import { archiveOf, modelPlaces } from '../places.ts';
import { type Attributes, attributesOf, studyAttributes } from '../route/attributes.ts';
import type { RuleBook } from '../route/rule-book.ts';
import { parseRules, type RuleFile } from '../route/rules.ts';
import { copyInWords, howSoon, type Telling, tell, tellingLines } from './telling.ts';

/** Rules that are tried on what lies in the archive, or on one image. */
export function ruleTesterOf({
  config,
  jobs,
  rules,
}: {
  readonly config: Config;
  readonly jobs: Pick<Jobs, 'analyses' | 'latestStudies'>;
  readonly rules: RuleBook;
}): RuleTester {
  const told = async (
    study: string,
    series: ReadonlyMap<string, Attributes>,
    inForce: RuleFile | undefined,
  ): Promise<Told> => {
    const { models } = await installed(modelPlaces(config));
    return asTold(tell(series, { study, models, inForce, only: holdsImages }), inForce);
  };
  return {
    study: async (study, given) => {
      const inForce = given === undefined ? await rules.current() : parseRules(given);
      const all = await studyAttributes(archiveOf(config), config.DICOMWEB_PATH, study);
      return told(study, await withoutOurs(all, jobs.analyses), inForce);
    },
    file: async (bytes) => {
      const { dataset } = readPart10(bytes);
      // How many there are of its series nobody can know.
      const { NumberOfSeriesRelatedInstances: _, ...attributes } = attributesOf(dataset, [dataset]);
      const uid = text(dataset, 'SeriesInstanceUID') ?? 'without a UID';
      return told(
        text(dataset, 'StudyInstanceUID') ?? '',
        new Map([[uid, attributes]]),
        await rules.current(),
      );
    },
    latest: jobs.latestStudies,
  };
}

/** The series of a study that are not our results. */
export async function withoutOurs(
  series: ReadonlyMap<string, Attributes>,
  { isOwnSeries }: Pick<Jobs['analyses'], 'isOwnSeries'>,
): Promise<ReadonlyMap<string, Attributes>> {
  const found = new Map<string, Attributes>();
  for (const [uid, attributes] of series) if (!(await isOwnSeries(uid))) found.set(uid, attributes);
  return found;
}

/** The listener tells of no other. */
export const holdsImages = ({ Modality, SOPClassUID = [] }: Attributes): boolean =>
  !isDerivedModality(Modality?.[0]) && !SOPClassUID.every(isDerivedClass);

const asTold = (tellings: readonly Telling[], inForce: RuleFile | undefined): Told => ({
  lines:
    tellings.length > 0 ? tellings.flatMap(tellingLines) : ['It holds no images, only results or nothing.'],
  hasRules: inForce !== undefined,
  series: tellings.map(({ SeriesInstanceUID, decisions, copies }) => ({
    SeriesInstanceUID,
    does: [
      ...decisions.flatMap(({ run, model, ...how }) =>
        run ? [`${keyOf(model)} (${how.shadow === undefined ? howSoon(how) : 'in shadow'})`] : [],
      ),
      ...copies.map(copyInWords),
    ],
  })),
});
