// The part of the memory host that serves the inspector.
import type { Host } from '../host';
import type { MemoryHost } from '../memory';
import { eventsHost } from './events';

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

export function inspectHost(host: MemoryHost): InspectHost {
  const absent = () => Promise.reject({ kind: 'notFound' as const, what: 'This in a plain browser' });
  return {
    documentInfo: absent,
    documentRows: absent,
    documentBytes: absent,
    code: absent,
    ...eventsHost(host),
  };
}
