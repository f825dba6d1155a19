import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import express, { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { serve } from '../shared/address.ts';
import { contentPolicy } from '../shared/content-policy.ts';
import { scriptHashesOf } from './script-hashes.ts';

/** What the site sets of the panel: ohif-extension/src/host.ts. */
export interface PanelSettings {
  readonly readFirst: boolean;
}

export interface ViewerFolders {
  /** OHIF's published build, with `index.html`. */
  readonly dist: string;
  /** Our extension: `dist/` as built, `host/` with the viewer's configuration. */
  readonly extension: string;
  /** Absent: as the panel has it. */
  readonly settings?: PanelSettings;
}

/**
 * Addresses that OHIF's own router answers. All others stay free for us: of the rest only files that exist are served,
 * for the published build asks for its parts at the root. A page mounted earlier wins, so `/` can become ours.
 */
const PAGES = [
  '/',
  ...[
    'viewer',
    'ai-reading',
    'basic',
    'segmentation',
    'tmtv',
    'microscopy',
    'usAnnotation',
    'dynamic-volume',
  ].flatMap((mode) => [`/${mode}`, `/${mode}/*source`]),
  '/notfoundserver',
  '/notfoundstudy',
];
const HASHED = /\.[0-9a-f]{16}\.js$|[\\/][0-9a-f]{16}\.(?:wasm|woff2)$/;

/** OHIF with the panel: `/viewer?StudyInstanceUIDs=…` opens a study, `/` is its study list. */
export function viewerRouter({ dist, extension, settings }: ViewerFolders): Router {
  const viewer = resolve(dist);
  const host = resolve(extension, 'host');
  const router = Router();
  router.use(
    isolate(
      contentPolicy({
        scripts: [...SCRIPTS, ...scriptHashesOf(readFileSync(join(viewer, 'index.html'), 'utf8'))],
        documents: true,
      }),
    ),
  );
  serve(
    router,
    {
      method: 'get',
      path: '/app-config.js',
      says: 'The viewer’s configuration',
      answers: { 200: { says: 'a script', types: ['text/javascript'] } },
    },
    (_, _request, response) => response.sendFile('app-config.js', { root: host, ...FRESH }),
  );
  serve(
    router,
    {
      method: 'get',
      path: '/pellucid/settings.json',
      says: 'What the site sets of the panel',
      answers: {
        200: { says: 'its settings', json: z.object({ readFirst: z.boolean().optional() }) },
      },
    },
    (_, _request, response) => void response.set(FRESH.headers).json(settings ?? {}),
  );
  router.use('/pellucid', files(host), files(resolve(extension, 'dist')));
  router.use(files(viewer));
  serve(
    router,
    {
      method: 'get',
      path: PAGES,
      says: 'The viewer',
      answers: { 200: { says: 'OHIF', types: ['text/html'] } },
    },
    (_, _request, response) => response.sendFile('index.html', { root: viewer, ...FRESH }),
  );
  return router;
}

const FRESH = { cacheControl: false, headers: { 'cache-control': 'no-cache' } };

/** OHIF's decoders are WebAssembly whose bindings are made from text, and its workers begin as blobs. */
const SCRIPTS = ["'unsafe-eval'", 'blob:'];

/** Isolated from other origins, so that the viewer's decoders may share memory between threads. */
const isolate =
  (policy: string): RequestHandler =>
  (_, response, next) => {
    response.set({
      'content-security-policy': policy,
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    });
    next();
  };

/** Files with a hash in their name never change; all others are asked for again. */
const files = (folder: string): RequestHandler =>
  express.static(folder, {
    index: false,
    redirect: false,
    cacheControl: false,
    setHeaders: (response, path) =>
      void response.setHeader(
        'cache-control',
        HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
      ),
  });
