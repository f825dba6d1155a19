import { createHash } from 'node:crypto';

/** Of each script that stands in a page itself, what allows it in a Content-Security-Policy (CSP 3 §2.3.1). */
export const scriptHashesOf = (html: string): readonly string[] =>
  [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
