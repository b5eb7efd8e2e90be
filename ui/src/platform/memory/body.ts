// The part of the memory host that serves JSON of a draft.
import type { Host } from '../host';
import type { MemoryHost } from '../memory';

export type BodyHost = Pick<Host, 'laneBody' | 'applyBody'>;

export function bodyHost(_host: MemoryHost): BodyHost {
  const absent = () => Promise.reject({ kind: 'notFound' as const, what: 'This in a plain browser' });
  return {
    laneBody: absent,
    applyBody: absent,
  };
}
