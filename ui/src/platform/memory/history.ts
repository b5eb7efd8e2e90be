// The part of the memory host that serves the history.
import type { Host } from '../host';
import type { MemoryHost } from '../memory';

export type HistoryHost = Pick<
  Host,
  'search' | 'searchFacets' | 'searchHelp' | 'starRun' | 'noteRun' | 'deleteRuns' | 'undeleteRuns' | 'totals'
>;

export function historyHost(_host: MemoryHost): HistoryHost {
  const absent = () => Promise.reject({ kind: 'notFound' as const, what: 'This in a plain browser' });
  return {
    search: absent,
    searchFacets: absent,
    searchHelp: absent,
    starRun: absent,
    noteRun: absent,
    deleteRuns: absent,
    undeleteRuns: absent,
    totals: absent,
  };
}
