// The part of the memory host that serves replays.
import type { Host } from '../host';
import type { MemoryHost } from '../memory';

export type ReplayHost = Pick<Host, 'startReplay' | 'controlReplay' | 'serveReplay'>;

export function replayHost(_host: MemoryHost): ReplayHost {
  const absent = () => Promise.reject({ kind: 'notFound' as const, what: 'This in a plain browser' });
  return {
    startReplay: absent,
    controlReplay: absent,
    serveReplay: absent,
  };
}
