import type { Analysis } from '../../server/jobs/analysis.ts';
import type { Jobs } from '../../server/jobs/index.ts';

/** Records in memory that a test changes as it likes; told as the real ones are. */
export interface MadeJobs extends Pick<Jobs, 'analyses' | 'onChangeAnywhere'> {
  change(analysis: Analysis): void;
  listeners(): number;
}

export function madeJobs(): MadeJobs {
  const records = new Map<string, Analysis>();
  const callbacks = new Set<(analysis: Analysis) => void>();
  return {
    analyses: {
      get: async (id) => records.get(id),
      list: async ({ StudyInstanceUID }) =>
        [...records.values()].filter(
          (a) => StudyInstanceUID === undefined || a.StudyInstanceUID === StudyInstanceUID,
        ),
      isOwnSeries: async () => false,
    },
    onChangeAnywhere: (callback) => {
      callbacks.add(callback);
      return () => void callbacks.delete(callback);
    },
    change: (analysis) => {
      records.set(analysis.id, analysis);
      for (const callback of callbacks) callback(analysis);
    },
    listeners: () => callbacks.size,
  };
}

export const madeAnalysis = (over: Partial<Record<keyof Analysis, unknown>>): Analysis =>
  ({
    id: 'a',
    StudyInstanceUID: '1.2.3',
    SeriesInstanceUID: '1.2.3.4',
    fingerprint: 'f',
    instanceCount: 1,
    settledAt: '2026-11-25T12:00:00.000Z',
    modelId: 'chest-xr-pneumonia',
    modelVersion: '1.1.0',
    modelDigest: 'd',
    mode: 'clinical',
    shadow: null,
    state: 'queued',
    why: 'a test',
    reason: null,
    fault: null,
    attempts: 1,
    timings: {},
    findings: [],
    objects: [],
    createdAt: '2026-11-25T12:00:00.000Z',
    updatedAt: '2026-11-25T12:00:00.000Z',
    ...over,
  }) as Analysis;
