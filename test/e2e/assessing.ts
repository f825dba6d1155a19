import type { Router } from 'express';
import { fetchInstance } from '../../server/retrieve/instance.ts';
import { type Assessing, assessmentsRouter } from '../../server/review/assessments.ts';
import type { Origin } from '../../server/shared/http.ts';
import { store } from '../../server/store/index.ts';
import { verified } from '../../server/wiring/correcting.ts';

/** Where Jane Sample signs, by the real code, what goes to an archive that may start later; nothing is under review. */
export const assessmentsOver = (archive: () => Origin, otherwise: Partial<Assessing> = {}): Router =>
  assessmentsRouter({
    organization: 'Sample Hospital',
    signer: () => 'Jane Sample',
    before: async () => ({}),
    fetch: (report) => fetchInstance(archive(), '/dicom-web', report),
    verify: (report, decision, assessment) =>
      verified(archive(), '/dicom-web', { report, decision, assessment }),
    store: (_, { objects }) => store(archive(), '/dicom-web', objects),
    ...otherwise,
  });
