/** What a page needs beside what all have. */
export interface Needs {
  /** Sources of scripts. */
  readonly scripts?: readonly string[];
  /** Documents that the page has read, embedded as blobs: a PDF. Else it embeds none. */
  readonly documents?: boolean;
}

/**
 * A Content-Security-Policy (CSP 3): everything from here alone, framed by nobody else, and what the page needs. Blobs
 * are for pictures and workers, styles may stand in a page.
 */
export const contentPolicy = ({ scripts = [], documents = false }: Needs = {}): string =>
  [
    "default-src 'self'",
    `script-src ${["'self'", ...scripts].join(' ')}`,
    "worker-src 'self' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self' data: blob:",
    ...(documents ? BLOBS_EMBEDDED : ["object-src 'none'"]),
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join('; ');

/** An `object` that has no address yet counts as the page's own, and one that was refused is not asked for again; browsers show its document in a frame. */
const BLOBS_EMBEDDED = ["object-src 'self' blob:", 'frame-src blob:'];
