/** Who asks. */

/** Each may do what those before it may. */
export const ROLES = ['viewer', 'reviewer', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** By what one is known. */
export const HOWS = ['key', 'token', 'session', 'loopback'] as const;

export interface Identity {
  /** Never changes and names one person or program: `sub` of a token, the name of a key. Stands in the audit trail. */
  readonly subject: string;
  /** For people. */
  readonly name: string;
  readonly role: Role;
  readonly how: (typeof HOWS)[number];
}

export const mayAct = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);
