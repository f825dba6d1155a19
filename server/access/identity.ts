/** Who asks. */

/** `monitor` and `requester` are for programs, and may do nothing else; of the others each may do what those before it may. */
export const ROLES = ['monitor', 'requester', 'viewer', 'reviewer', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** What is asked of the sender: a role, or one of two of which neither holds the other. */
export type Needed = Role | 'reviewer or requester';

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

const ALSO: Readonly<Record<Exclude<Role, 'admin'>, readonly Needed[]>> = {
  monitor: [],
  requester: ['reviewer or requester'],
  viewer: [],
  reviewer: ['viewer', 'reviewer or requester'],
};

export const mayAct = (role: Role, needed: Needed): boolean =>
  role === 'admin' || role === needed || ALSO[role].includes(needed);
