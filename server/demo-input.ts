import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { mrSeriesOf } from './demo-series.ts';
import { Fault } from './shared/fault.ts';

/** A file to be sent to the archive. */
export interface DemoFile {
  readonly name: string;
  read(): Promise<Uint8Array>;
}

/** The project's test kit, beside the checkout. */
const KIT = resolve('../shared/data');
const KIT_INPUT = [
  join(KIT, 'B_chest_xray/dicom/kermany_fullres_val_PNEUMONIA_person73_bacteria_359.dcm'),
  join(KIT, 'A_brain_mri/dicom/datalad_t1_every2nd'),
];
/** A T1 head in MNI space, of one man scanned 27 times: the Debian package mricron-data, BSD. */
const HEAD = '/usr/share/mricron/templates/ch2.nii.gz';

/** The files of these paths; without any, those of the kit, else the head that Debian brings. Throws REQUEST_INVALID. */
export async function demoFiles(paths: readonly string[]): Promise<readonly DemoFile[]> {
  if (paths.length > 0) return filesIn(paths);
  if (await present(KIT_INPUT)) return filesIn(KIT_INPUT);
  if (await present([HEAD])) return filesIn([HEAD]);
  throw new Fault(
    'REQUEST_INVALID',
    'there is no sample image: install the Debian package mricron-data, or give a DICOM file or folder, e.g. npm run demo -- ~/study',
  );
}

const present = async (paths: readonly string[]): Promise<boolean> =>
  (await Promise.all(paths.map((path) => stat(path).catch(() => undefined)))).every(Boolean);

async function filesIn(paths: readonly string[]): Promise<readonly DemoFile[]> {
  const found = await Promise.all(paths.map(filesOf));
  return found.flat();
}

async function filesOf(path: string): Promise<readonly DemoFile[]> {
  const facts = await stat(path).catch(() => {
    throw new Fault('REQUEST_INVALID', `${path} does not exist`);
  });
  if (/\.nii(\.gz)?$/.test(path)) {
    const slices = mrSeriesOf(new Uint8Array(await readFile(path)), `T1 head from ${basename(path)}`);
    return slices.map((slice, i) => ({ name: `slice ${i + 1} of ${path}`, read: async () => slice }));
  }
  if (facts.isFile()) return [onDisk(path)];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((e) => e.isFile())
    .map((e) => join(e.parentPath, e.name))
    .sort()
    .map(onDisk);
}

const onDisk = (path: string): DemoFile => ({
  name: path,
  read: async () => new Uint8Array(await readFile(path)),
});
