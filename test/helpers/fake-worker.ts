import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { ModelJob } from '../../server/contracts.ts';
import { deriveUid } from '../../server/dicom/uid.ts';
import { type FromWorker, type StoredObject, ToWorker, WORK_STATES } from '../../server/jobs/protocol.ts';
import { segmentation } from './instances.ts';

/**
 * A worker process that obeys the protocol and analyses nothing. The model's id says how it behaves; FAKE_MS is how long
 * each state takes. In shadow it ends before encoding, but for `stores-in-shadow`. With ORTHANC_URL it stores one object with a UID that follows from the job.
 */

const STATE_MS = Number(process.env.FAKE_MS ?? 0);
const ARCHIVE = process.env.ORTHANC_URL;
const SEGMENTATION = { kind: 'SEG', SOPClassUID: '1.2.840.10008.5.1.4.1.1.66.4' } as const;
const SECONDARY_CAPTURE = { kind: 'SC', SOPClassUID: '1.2.840.10008.5.1.4.1.1.7' } as const;
let go: (() => void) | undefined;

process.on('disconnect', () => process.exit(0));
process.on('message', (raw) => {
  const message = ToWorker.parse(raw);
  if (message.type === 'go') go?.();
  else void work(message.job);
});

async function work(job: ModelJob): Promise<void> {
  const object: StoredObject = {
    ...(job.model.id === 'captures' ? SECONDARY_CAPTURE : SEGMENTATION),
    SOPInstanceUID: deriveUid('fake', job.analysisId, 'instance'),
    SeriesInstanceUID: deriveUid('fake', job.analysisId, 'series'),
  };
  const { mode } = job;
  const obeys = job.model.id !== 'stores-in-shadow';
  for (const state of WORK_STATES) {
    if (mode === 'shadow' && obeys && state === 'encoding') return done([]);
    say({ type: 'state', state });
    await wait(STATE_MS);
    if (state === 'inferring' && (await misbehave(job))) return;
  }
  say({ type: 'objects', objects: [object] });
  await new Promise<void>((proceed) => {
    go = proceed;
  });
  if (ARCHIVE && !(await store(job, object)))
    return say({ type: 'fault', code: 'ARCHIVE_UNREACHABLE', detail: 'the archive does not answer' });
  await wait(STATE_MS);
  done([object], job.model.id === 'doubts' ? ['Not <b>like</b> what it knows.'] : undefined);
}

const done = (objects: StoredObject[], checkBeforeUse?: readonly string[]): void =>
  say({
    type: 'done',
    result: {
      findings: [
        {
          label: 'Fake',
          sentence: 'Nothing was looked at.',
          volumeMl: 1,
          ...(checkBeforeUse ? { checkBeforeUse } : {}),
        },
      ],
      objects,
      context: { modality: 'CT', scanner: 'Fake scanner', inputs: {} },
      timings: { inferring: STATE_MS },
    },
  });

/** True when the job ended here. */
async function misbehave({ model, analysisId }: ModelJob): Promise<boolean> {
  switch (model.id) {
    case 'crashes':
      process.kill(process.pid, 'SIGKILL');
      return true;
    case 'crashes-once':
      if (count(analysisId) === 1) process.kill(process.pid, 'SIGSEGV');
      return false;
    case 'leaks': {
      const held: Buffer[] = [];
      for (;;) {
        held.push(Buffer.alloc(64 << 20, 1));
        await wait(20);
      }
    }
    case 'hangs':
      await wait(600_000);
      return true;
    case 'refuses':
      say({ type: 'fault', code: 'PIXELS_UNSUPPORTED', detail: 'frames of 3 bits' });
      return true;
    case 'loses-archive-once':
      if (count(analysisId) > 1) return false;
      say({ type: 'fault', code: 'ARCHIVE_UNREACHABLE', detail: 'ECONNREFUSED' });
      return true;
    default:
      return false;
  }
}

/** How often this is called for the analysis, over all processes. */
function count(analysisId: string): number {
  const file = join(process.env.DATA_DIR ?? '.', `count-${analysisId}`);
  let before = 0;
  try {
    before = Number(readFileSync(file, 'utf8'));
  } catch {
    before = 0;
  }
  writeFileSync(file, String(before + 1));
  return before + 1;
}

async function store({ arrived }: ModelJob, object: StoredObject): Promise<boolean> {
  const Modality = object.kind === 'SEG' ? 'SEG' : 'OT';
  const { StudyInstanceUID } = arrived;
  const body = Buffer.from(segmentation({ StudyInstanceUID, Modality, ...object }));
  const answer = await fetch(`${ARCHIVE}/instances`, { method: 'POST', body }).catch(() => undefined);
  return answer?.ok === true;
}

function say(message: FromWorker): void {
  process.send?.(message);
}
