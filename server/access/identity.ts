/** Who asks. */

/** Each may do what those before it may. */
export const ROLES = ['viewer', 'reviewer', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface Identity {
  /** Never changes and names one person or program: `sub` of a token, the name of a key. Stands in the audit trail. */
  readonly subject: string;
  /** For people. */
  readonly name: string;
  readonly role: Role;
  readonly how: 'key' | 'token' | 'session' | 'loopback';
}

export const mayAct = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);
