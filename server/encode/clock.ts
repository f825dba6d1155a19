import { Fault } from '../shared/fault.ts';

/** One instant as DICOM dates it. */
export interface Clock {
  /** DA */
  readonly date: string;
  /** TM */
  readonly time: string;
  /** DT, with its offset */
  readonly dateTime: string;
  /** Of the whole dataset, such as `+0100`. */
  readonly offset: string;
}

/**
 * An ISO 8601 instant in the zone of the source: Timezone Offset From UTC holds for every date of a dataset, also for the copied
 * ones (PS3.3 C.12.1.1.8). Without an offset in the source: UTC.
 */
export function clockOf(instant: string, sourceOffset: string | undefined): Clock {
  const moment = Date.parse(instant);
  if (Number.isNaN(moment))
    throw new Fault('ENCODE_INVALID', 'the time of the job is not an ISO 8601 instant');
  const offset = /^[+-](0\d|1[0-4])[0-5]\d$/.test(sourceOffset ?? '') ? String(sourceOffset) : '+0000';
  const minutes = Number(`${offset[0]}1`) * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3)));
  const digits = new Date(moment + minutes * 60_000).toISOString().replace(/\D/g, '');
  const date = digits.slice(0, 8);
  const time = digits.slice(8, 14);
  return { date, time, offset, dateTime: `${date}${time}${offset}` };
}
