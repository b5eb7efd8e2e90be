// What the host in memory can be told to begin with, by its maker or by the address of the page.
import type { EndpointKind } from '../../bindings/EndpointKind';
import type { KeychainStatus } from '../../bindings/KeychainStatus';
import type { Settings } from '../../bindings/Settings';

export interface MemoryOptions {
  /** Nothing was ever done: the start page. */
  firstStart?: boolean;
  settings?: Partial<Settings>;
  keychain?: KeychainStatus;
  /** Rows of the workspace list; more than the sample has are made up. */
  rows?: number;
  /** Calls of the history; made up beyond the few that the sample has. */
  runs?: number;
  /** Endpoints of the lanes that are open; a lane without one stays a chat. */
  endpoints?: EndpointKind[];
  /** Earlier calls whose words cannot be found yet. */
  indexing?: number;
  /** What goes wrong with calls that are not the sandbox's: one of its scenarios. */
  fault?: string;
  /** The lanes call tools, which rules answer in part: `step`, or as far as it goes `auto`. */
  dialogue?: string;
  /** There is no microphone, or the system does not let it be heard. */
  microphone?: 'none' | 'refused';
  /** Recordings that are there from the beginning. */
  recordings?: number;
  /** Rows of the batch that runs. */
  batchRows?: number;
  /** Cells of the matrix that is looked at first. */
  matrixCells?: number;
}

/** `?section=start&theme=dark&contrast=more&keychain=missing&rows=10000&runs=400&endpoints=chat,responses&recordings=100&batchRows=50000&matrixCells=50000`. */
export function optionsFrom(query: URLSearchParams): MemoryOptions {
  const settings: Partial<Settings> = {};
  const theme = query.get('theme');
  if (theme === 'light' || theme === 'dark') settings.theme = theme;
  if (query.get('contrast') === 'more') settings.contrast = 'more';
  if (query.get('density') === 'comfortable') settings.density = 'comfortable';
  if (query.has('zoom')) settings.zoom = Number(query.get('zoom'));
  return {
    firstStart: query.get('section') === 'start',
    settings,
    keychain:
      query.get('keychain') === 'missing' ? { kind: 'missing', reason: 'No secret service on this bus' } : undefined,
    rows: Number(query.get('rows') ?? 0),
    fault: query.get('fault') ?? undefined,
    dialogue: query.get('dialogue') ?? undefined,
    endpoints: (query.get('endpoints')?.split(',') ?? []) as EndpointKind[],
    runs: Number(query.get('runs') ?? 0),
    indexing: Number(query.get('indexing') ?? 0),
    microphone: (query.get('microphone') as MemoryOptions['microphone']) ?? undefined,
    recordings: Number(query.get('recordings') ?? 0),
    batchRows: Number(query.get('batchRows') ?? 0),
    matrixCells: Number(query.get('matrixCells') ?? 0),
  };
}
