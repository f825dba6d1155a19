import * as react from 'react';
import * as jsxRuntime from 'react/jsx-runtime';
import { createRoot } from 'react-dom/client';

/** React for a host that does not share its own: the panel then lives in a root of its own, in a plain element of the host's. */
Object.assign(globalThis, {
  react,
  'react/jsx-runtime': jsxRuntime,
  'pellucid/create-root': createRoot,
});
