import type { Config } from '../config.ts';
import { archiveOf, copyTargets, furtherTargets } from '../places.ts';
import { Fault, type FaultCode } from '../shared/fault.ts';
import { call, getJson, type Origin } from '../shared/http.ts';
import { isFolder } from '../shared/on-disk.ts';
import { query, textOf } from '../shared/qido.ts';
import type { Target } from '../store/targets.ts';
import { type Check, type Found, failed, ok, warning } from './doctor-finding.ts';

/** Whether the archive, and whatever else results are stored in, can be read and written, and tells the same time. */
export const ARCHIVE_CHECKS: Readonly<Record<string, Check>> = {
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
};

/** The hook is refused beyond 300 s. */
const CLOCK_S = 60;

/** Whether what is stored beside the archive has a place to go; `setting` names them. */
async function theyAnswer(targets: readonly Target[], setting: string): Promise<Found> {
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
async function listsAll(config: Config): Promise<Found> {
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
async function mayStore(archive: Origin, path: string): Promise<Found> {
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
