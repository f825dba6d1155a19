import { readFileSync } from 'node:fs';
import { z } from 'zod';

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')));

/** Who packs the objects, as General Equipment (PS3.3 C.7.5.1) names it. A program has no serial number: its version stands for it. */
export const PACKAGER = {
  Manufacturer: 'Pellucid',
  ManufacturerModelName: 'Pellucid',
  DeviceSerialNumber: version,
  SoftwareVersions: version,
} as const;

/** Goes into every UID that is derived: other bytes need another UID. Raise the last number when an encoder changes. */
export const ENCODER_VERSION = `${version}/19`;
