import { type Request, Router } from 'express';
import { z } from 'zod';
import { StudyInstanceUID } from '../dicom/uid.ts';
import { json, serve } from '../shared/address.ts';
import { type Html, html } from './html.ts';
import { page } from './page.ts';

/** A study as a search answers it: nothing of the patient. */
export interface FoundStudy {
  readonly StudyInstanceUID: StudyInstanceUID;
  /** By what it was found. */
  readonly by: 'accession number' | 'patient ID';
  /** As DICOM has it, 20260131; empty where it is not known. */
  readonly StudyDate: string;
  readonly modalities: string;
}

export interface Finding {
  /** Studies in the archive whose accession number or patient's ID is this. */
  readonly find: (text: string) => Promise<readonly FoundStudy[]>;
  /** Told of each study that someone is shown. */
  readonly onFound: (request: Request, StudyInstanceUID: StudyInstanceUID) => void;
}

/** What is found is one thing: nothing that an archive reads as a pattern (PS3.4 C.2.2.2.4), nothing that no text holds. */
const Sought = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .refine((text) => !/[*?\\\p{Cc}\p{Cs}]/u.test(text), 'is no UID, accession number or patient ID');

/**
 * `POST /operations/find` with `{ find }`: a StudyInstanceUID, accession number or patient's ID, which is in no address and no log. One
 * study is shown at once. Throws REQUEST_INVALID, and what the archive's answer throws.
 */
export function findRouter({ find, onFound }: Finding): Router {
  const router = Router();
  serve(
    router,
    {
      method: 'post',
      path: '/operations/find',
      says: 'The studies with a UID, an accession number or a patient’s ID',
      body: json(z.strictObject({ find: Sought }), '1kb', { form: true }),
      answers: {
        200: { says: 'HTML: what is found', types: ['text/html'] },
        303: { says: 'it is one, at its own address' },
      },
    },
    async ({ body }, request, response) => {
      const uid = StudyInstanceUID.safeParse(body.find);
      if (uid.success) return response.redirect(303, `/operations/studies/${uid.data}`);
      const found = await find(body.find);
      for (const study of found) onFound(request, study.StudyInstanceUID);
      const [first] = found;
      if (first && found.length === 1)
        return response.redirect(303, `/operations/studies/${first.StudyInstanceUID}`);
      response.set('cache-control', 'no-store').type('html').send(foundPage(found).text);
    },
  );
  return router;
}

function foundPage(found: readonly FoundStudy[]): Html {
  if (found.length === 0)
    return page(
      'Nothing found',
      html`<h1>Nothing found</h1><p>The archive has no study with this accession number or patient ID.</p>`,
    );
  const rows = found.map(
    ({ StudyInstanceUID: uid, by, StudyDate, modalities }) =>
      html`<tr><td><a href="/operations/studies/${uid}">${uid}</a></td><td>${StudyDate.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3')}</td><td>${modalities}</td><td>${by}</td></tr>`,
  );
  return page(
    'Found',
    html`<h1>${found.length} studies</h1><table><thead><tr><th scope="col">Study</th><th scope="col">Date</th><th scope="col">Modalities</th><th scope="col">Found by</th></tr></thead><tbody>${rows}</tbody></table>`,
  );
}
