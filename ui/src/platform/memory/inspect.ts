// The part of the memory host that serves the inspector.
import type { Host } from '../host';
import type { MemoryHost } from '../memory';

export type InspectHost = Pick<
  Host,
  | 'documentInfo'
  | 'documentRows'
  | 'documentBytes'
  | 'events'
  | 'eventTimes'
  | 'findEvents'
  | 'readEvents'
  | 'eventOfText'
  | 'tokens'
  | 'alternatives'
  | 'laneHistory'
  | 'code'
>;

export function inspectHost(_host: MemoryHost): InspectHost {
  const absent = () => Promise.reject({ kind: 'notFound' as const, what: 'This in a plain browser' });
  return {
    documentInfo: absent,
    documentRows: absent,
    documentBytes: absent,
    events: absent,
    eventTimes: absent,
    findEvents: absent,
    readEvents: absent,
    eventOfText: absent,
    tokens: absent,
    alternatives: absent,
    laneHistory: absent,
    code: absent,
  };
}
