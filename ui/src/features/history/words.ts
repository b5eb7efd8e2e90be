// Words and marks of one past call.
import type { SearchRow } from '../../bindings/SearchRow';
import type { IconName } from '../../components/icons';
import { laneLetter } from '../../state/comparison/lanes';

interface Standing {
  word: string;
  tone: 'plain' | 'bad' | 'warn' | 'modified';
  icon: IconName | undefined;
}

const standings: Record<string, Standing> = {
  failed: { word: 'failed', tone: 'bad', icon: 'close' },
  endedEarly: { word: 'ended early', tone: 'bad', icon: 'close' },
  interrupted: { word: 'interrupted', tone: 'warn', icon: 'warn' },
  stopped: { word: 'stopped', tone: 'plain', icon: 'stop' },
  queued: { word: 'queued', tone: 'modified', icon: 'clock' },
  waiting: { word: 'waiting', tone: 'modified', icon: 'clock' },
  streaming: { word: 'streaming', tone: 'modified', icon: 'dot' },
  retrying: { word: 'retrying', tone: 'warn', icon: 'clock' },
  replaying: { word: 'replaying', tone: 'modified', icon: 'clock' },
};

/** How a call stands, unless it simply finished. */
export function standingOf({ state, status }: Pick<SearchRow, 'state' | 'status'>): Standing | null {
  const known = standings[state];
  if (!known) return null;
  const refused = state === 'failed' && status !== null && status >= 400;
  return refused ? { ...known, word: String(status) } : known;
}

/** `lane A of 2, sample 3`; nothing for a run of one call. */
export function placeOf({ laneIndex, lanes, repeat }: Pick<SearchRow, 'laneIndex' | 'lanes' | 'repeat'>): string {
  const lane = lanes > 1 ? `lane ${laneLetter(laneIndex)} of ${lanes}` : '';
  const sample = repeat > 0 ? `sample ${repeat + 1}` : '';
  return [lane, sample].filter((part) => part !== '').join(', ');
}
