import { api } from 'dicomweb-client';
import type { DicomJson } from './dicom-json.ts';

/** An archive from which nothing comes for so long has not answered, ms; one that fetches from tape takes most of a minute. */
const SILENCE_MS = 60_000;

export interface Asking {
  /** Tokens expire: these are of now. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** The client for one question, or several that end together: with the signal, or when the archive falls silent. What it throws says why, with `status`. */
export function dicomWebAt(root: string, { headers, signal, onProgress }: Asking) {
  return new api.DICOMwebClient({
    url: new URL(root, globalThis.location.href).href,
    headers: { ...headers },
    verbose: false,
    errorInterceptor: (error) => {
      error.message = error.status ? `HTTP ${error.status}` : 'no answer';
    },
    requestHooks: [
      // The client counts the arguments: a hook takes two.
      (request, _metadata) => {
        const began = performance.now();
        request.timeout = SILENCE_MS;
        request.addEventListener('progress', ({ loaded }) => {
          request.timeout = performance.now() - began + SILENCE_MS;
          onProgress?.(loaded);
        });
        signal.addEventListener('abort', () => request.abort(), { once: true });
        return request;
      },
    ],
  });
}

/** What was found: nothing, too. A page to log in at, or half an answer, is none, though it came with 200; the client then gives null. */
export async function listed(answer: Promise<readonly DicomJson[]>): Promise<readonly DicomJson[]> {
  const objects: unknown = await answer;
  if (!Array.isArray(objects) || !objects.every((each) => typeof each === 'object' && each !== null))
    throw new Error('the answer is not DICOM JSON');
  return objects;
}

/** Of what the archive has said that it holds: nothing is no answer. */
export async function held(answer: Promise<readonly DicomJson[]>): Promise<readonly DicomJson[]> {
  const objects = await listed(answer);
  if (objects.length === 0) throw new Error('the answer is empty');
  return objects;
}
