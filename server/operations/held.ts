import { Router } from 'express';
import { z } from 'zod';
import { StudyInstanceUID } from '../dicom/uid.ts';
import { serve } from '../shared/address.ts';
import { type Html, html } from './html.ts';
import { table } from './parts.ts';
import { short } from './words.ts';

/** A study that a rule waits for. */
export const HeldLine = z.object({
  StudyInstanceUID: z.string(),
  rule: z.string(),
  /** The series that the rule may run on. */
  series: z.array(z.string()),
  /** When the first of them had settled, and when it is decided as it is. */
  since: z.iso.datetime(),
  deadline: z.iso.datetime().optional(),
  /** What is missing, in words. */
  waitsFor: z.string(),
  /** What happens at the deadline. */
  atDeadline: z.string(),
});
export type HeldLine = z.infer<typeof HeldLine>;

export const heldSection = (held: readonly HeldLine[]): Html | undefined =>
  held.length === 0
    ? undefined
    : table(
        'Held for their study',
        ['Study', 'Rule', 'Series', 'Since', 'Waits', 'Deadline'],
        held.map(
          (
            h,
          ) => html`<tr><td><a href="/operations/studies/${h.StudyInstanceUID}" title="${h.StudyInstanceUID}">${short(h.StudyInstanceUID)}</a></td>
<td>${h.rule}</td><td class="number">${h.series.length}</td><td>${minuteOf(h.since)}</td><td>${h.waitsFor}</td><td>${deadlineOf(h)}</td></tr>`,
        ),
      );

/** The same on the page of a study. */
export const heldCards = (held: readonly HeldLine[]): readonly Html[] =>
  held.map(
    (
      h,
    ) => html`<section class="card"><h2>Rule ${h.rule} <span>held since ${minuteOf(h.since)}</span></h2><p><b>It waits:</b> ${h.waitsFor}.</p>
<p><b>Deadline:</b> ${deadlineOf(h)}.</p><p>Series ${h.series.map((uid) => html`<code>${uid}</code> `)}</p></section>`,
  );

const deadlineOf = ({ deadline, atDeadline }: HeldLine): string =>
  deadline === undefined ? atDeadline : `${minuteOf(deadline)}: ${atDeadline}`;
const minuteOf = (at: string): string => `${at.slice(0, 16).replace('T', ' ')} UTC`;

/** `GET /api/held?StudyInstanceUID=` → `{ held }`: the studies that rules wait for, the longest first. */
export function heldRouter(held: () => Promise<readonly HeldLine[]>): Router {
  const router = Router();
  serve(
    router,
    {
      method: 'get',
      path: '/api/held',
      says: 'The studies that rules wait for, until when, and what is missing',
      query: z.strictObject({ StudyInstanceUID: StudyInstanceUID.optional() }),
      answers: { 200: { says: 'the longest first', json: z.object({ held: z.array(HeldLine) }) } },
    },
    async ({ query: { StudyInstanceUID: study } }, _, response) => {
      const all = await held();
      response.json({ held: all.filter((h) => study === undefined || h.StudyInstanceUID === study) });
    },
  );
  return router;
}
