import type { Needed as OfSender } from './identity.ts';

/** Which role each address needs. What no line names needs `admin`: a new address is closed until someone opens it. */
export type Needed = OfSender | 'public';

interface Line {
  readonly methods: readonly string[];
  /** A path, or with `/*` at its end everything below. */
  readonly path: string;
  readonly needs: Needed;
}

const READ = ['GET', 'HEAD'];

export const POLICY: readonly Line[] = [
  { methods: READ, path: '/healthz', needs: 'public' },
  { methods: READ, path: '/readyz', needs: 'public' },
  { methods: READ, path: '/login/*', needs: 'public' },
  { methods: ['POST', 'DELETE'], path: '/api/session', needs: 'public' },
  // Signed by itself.
  { methods: ['POST'], path: '/hooks/orthanc', needs: 'public' },
  { methods: READ, path: '/api/session', needs: 'viewer' },
  { methods: READ, path: '/api/analyses/*', needs: 'viewer' },
  { methods: READ, path: '/api/models/*', needs: 'viewer' },
  { methods: READ, path: '/api/events', needs: 'viewer' },
  { methods: ['POST'], path: '/api/reveals', needs: 'viewer' },
  { methods: ['GET', 'HEAD', 'POST'], path: '/api/assessments/*', needs: 'reviewer' },
  { methods: ['GET', 'HEAD', 'POST'], path: '/api/on-demand', needs: 'reviewer' },
  { methods: READ, path: '/api/review/*', needs: 'reviewer' },
  { methods: ['POST'], path: '/api/review/incidents/*', needs: 'reviewer' },
  { methods: ['POST', 'PUT'], path: '/api/review/cases/*', needs: 'reviewer' },
  { methods: ['POST', 'PUT', 'DELETE'], path: '/api/review/views/*', needs: 'reviewer' },
  { methods: READ, path: '/dicom-web/*', needs: 'viewer' },
  // All that is left to read are pages and the files that they are made of.
  { methods: READ, path: '/api/*', needs: 'admin' },
  // Names studies of all patients.
  { methods: READ, path: '/ups-rs/*', needs: 'reviewer or requester' },
  { methods: ['POST', 'PUT'], path: '/ups-rs/*', needs: 'requester' },
  { methods: READ, path: '/operations/*', needs: 'reviewer' },
  // What is sought must not stand in an address.
  { methods: ['POST'], path: '/operations/find', needs: 'reviewer' },
  { methods: READ, path: '/review/*', needs: 'reviewer' },
  { methods: READ, path: '/metrics', needs: 'monitor' },
  { methods: READ, path: '/*', needs: 'viewer' },
];

/** By the first line that fits, as the router reads paths: without regard to case and to a slash at the end. */
export function neededRole(method: string, path: string): Needed {
  const asked = path.toLowerCase().replace(/\/+$/, '') || '/';
  return POLICY.find((line) => line.methods.includes(method) && fits(line.path, asked))?.needs ?? 'admin';
}

function fits(pattern: string, path: string): boolean {
  if (!pattern.endsWith('/*')) return path === pattern;
  const root = pattern.slice(0, -2);
  return path === root || path.startsWith(`${root}/`);
}
