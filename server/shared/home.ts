import { fileURLToPath } from 'node:url';

/** A path in the folder in which Pellucid lies, wherever it was started: a checkout, the image, the npm package. */
export const inHome = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
