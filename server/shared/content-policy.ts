/**
 * A Content-Security-Policy (CSP 3): everything from here alone, framed by nobody else. `scripts` are further sources of scripts; blobs
 * are for pictures and workers, styles may stand in a page.
 */
export const contentPolicy = (scripts: readonly string[] = []): string =>
  [
    "default-src 'self'",
    `script-src ${["'self'", ...scripts].join(' ')}`,
    "worker-src 'self' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self' data: blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join('; ');
