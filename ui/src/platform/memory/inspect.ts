// The part of the memory host that serves the inspector.
import type { Host } from '../host';
import type { MemoryHost } from '../memory';
import { codeHost } from './code';
import { documentsHost } from './documents';
import { eventsHost } from './events';
import { itemsHost } from './items';

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
  | 'itemString'
  | 'tokens'
  | 'alternatives'
  | 'laneHistory'
  | 'code'
>;

export function inspectHost(host: MemoryHost): InspectHost {
  return { ...documentsHost(host), ...eventsHost(host), ...itemsHost(host), ...codeHost(host) };
}
