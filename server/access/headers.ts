import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * What every answer tells the browser: run only what comes from here, be framed by nobody else, send our addresses to no other site.
 * Scripts in a page count when their hash is named. OHIF compiles WebAssembly, starts workers from blobs and writes styles into the page; it needs no more.
 */
export const headers = (scriptHashes: readonly string[]): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'", "'wasm-unsafe-eval'", 'blob:', ...scriptHashes],
        workerSrc: ["'self'", 'blob:'],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'", 'data:', 'blob:'],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'self'"],
      },
    },
    // The proxy that speaks TLS decides that.
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'same-origin' },
    // The viewer's pages set these more strictly.
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
  });
