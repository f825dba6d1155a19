import { z } from 'zod';
import { type Analysis, analysesLike, type Sql } from '../jobs/index.ts';
import { Workitem } from './dataset.ts';
import { STEP_STATES, type StepState } from './states.ts';

/** A workitem that somebody asked for. Of one that is ours the state is that of its analyses, once there are any. */
const Row = z.object({
  uid: z.string(),
  state: z.enum(STEP_STATES),
  lock: z.string().nullable(),
  dataset: Workitem,
  /** The model that performs it here, as `id` or `id@version`; null: others perform it. */
  model: z.string().nullable(),
  analyses: z.array(z.string()),
  createdAt: z.date().transform((d) => d.toISOString()),
});
export type Requested = z.infer<typeof Row>;

const COLUMNS = 'uid, state, lock, dataset, model, analyses, created_at as "createdAt"';

export type WorklistRecords = ReturnType<typeof openWorklist>;

export function openWorklist(sql: Sql) {
  const some = async (text: string, values: readonly unknown[]): Promise<readonly Requested[]> =>
    z.array(Row).parse(await sql.query(text, values));
  return {
    /** Undefined when there is one by this UID. */
    async create(uid: string, dataset: Workitem, model: string | null): Promise<Requested | undefined> {
      const [made] = await some(
        `insert into pellucid.workitem (uid, state, dataset, model) values ($1, 'SCHEDULED', $2::jsonb, $3)
          on conflict do nothing returning ${COLUMNS}`,
        [uid, JSON.stringify(dataset), model],
      );
      return made;
    },

    async get(uid: string): Promise<Requested | undefined> {
      return (await some(`select ${COLUMNS} from pellucid.workitem where uid = $1`, [uid]))[0];
    },

    /** Newest first. */
    list: (limit: number): Promise<readonly Requested[]> =>
      some(`select ${COLUMNS} from pellucid.workitem order by created_at desc, uid limit $1`, [limit]),

    /** Changes one, if it is as it was thought to be: of two at once one wins. */
    async change(
      { uid, state, lock }: Pick<Requested, 'uid' | 'state' | 'lock'>,
      to: { readonly state?: StepState; readonly lock?: string | null; readonly dataset?: Workitem },
    ): Promise<boolean> {
      const changed = await some(
        `update pellucid.workitem set state = coalesce($4, state), lock = coalesce($5, lock),
            dataset = coalesce($6::jsonb, dataset), updated_at = clock_timestamp()
          where uid = $1 and state = $2 and lock is not distinct from $3 returning ${COLUMNS}`,
        [
          uid,
          state,
          lock,
          to.state ?? null,
          to.lock ?? null,
          to.dataset === undefined ? null : JSON.stringify(to.dataset),
        ],
      );
      return changed.length > 0;
    },

    /** Ours that are due and have no analyses yet. */
    due: (): Promise<readonly Requested[]> =>
      some(
        `select ${COLUMNS} from pellucid.workitem where state = 'SCHEDULED' and model is not null and analyses = '[]'::jsonb
          order by created_at limit 50`,
        [],
      ),

    /** False when it was cancelled meanwhile. */
    async link(uid: string, analyses: readonly string[]): Promise<boolean> {
      const linked = await sql.query(
        `update pellucid.workitem set analyses = $2::jsonb, updated_at = clock_timestamp() where uid = $1 and state = 'SCHEDULED' returning uid`,
        [uid, JSON.stringify(analyses)],
      );
      return linked.length > 0;
    },

    /** The analysis whose id is like this. */
    analysisLike: (like: string): Promise<Analysis | undefined> => analysesLike(sql, like),
  };
}
