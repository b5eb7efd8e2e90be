// The part of the memory host that serves files.
import type { Host } from '../host';
import type { MemoryHost } from '../memory';

export type TransferHost = Pick<Host, 'exportRuns' | 'saveText' | 'importData'>;

export function transferHost(_host: MemoryHost): TransferHost {
  const absent = () => Promise.reject({ kind: 'notFound' as const, what: 'This in a plain browser' });
  return {
    exportRuns: absent,
    saveText: absent,
    importData: absent,
  };
}
