// Whether what went out is what the preview shows: recorded bytes and previewed bytes are compared by their SHA-256.
import type { Comparison } from '../../../bindings/Comparison';
import type { DocumentSource } from '../../../bindings/DocumentSource';
import { describeError } from '../../../lib/app-error';
import { clock } from '../../../lib/format';
import type { Host } from '../../../platform/host';

export interface Proof {
  tone: 'ok' | 'info' | 'warn';
  words: string;
  /** Which preview it was compared with, and what follows from it. */
  more: string;
  sha256: string;
}

type Bodies = Pick<Host, 'documentInfo'>;

const hash = async (host: Bodies, source: DocumentSource): Promise<string> =>
  (await host.documentInfo(source, 'exact')).sha256;

interface Sent {
  cell: string;
  lane: string;
  startedAt: number | null;
  edited: boolean;
  /** The comparison as it was when it was sent, and as it is now. */
  snapshot: Comparison | null;
  now: Comparison;
}

export async function proveSent(host: Bodies, sent: Sent): Promise<Proof> {
  const sha256 = await hash(host, { kind: 'request', cell: sent.cell });
  const at = clock(sent.startedAt);
  const equals = async (comparison: Comparison | null): Promise<boolean | string> => {
    if (!comparison?.lanes.some(({ id }) => id === sent.lane)) return 'The lane is not there any more.';
    try {
      return (await hash(host, { kind: 'preview', comparison, lane: sent.lane })) === sha256;
    } catch (error) {
      return describeError(error);
    }
  };
  const equal = { tone: 'ok', words: 'The bytes sent equal this preview', sha256 } as const;
  const now = await equals(sent.now);
  if (now === true) return { ...equal, more: 'Compared with the draft as it is now.' };
  const then = await equals(sent.snapshot);
  if (then === true) return { ...equal, more: `Compared with the draft of ${at}. It has changed since.` };
  if (sent.edited) {
    return { tone: 'info', words: 'The bytes were edited by hand before they were sent', more: '', sha256 };
  }
  if (typeof then === 'string' && typeof now === 'string') {
    return { tone: 'info', words: 'There is no preview to compare with', more: then, sha256 };
  }
  const more = 'A value that is new for each call, or a connection that has changed since, makes other bytes.';
  return { tone: 'warn', words: 'The preview makes other bytes than were sent', more, sha256 };
}

export async function proveNext(
  host: Bodies,
  next: DocumentSource,
  sent: { cell: string; startedAt: number | null } | null,
): Promise<Proof> {
  const sha256 = await hash(host, next);
  const before = sent ? await hash(host, { kind: 'request', cell: sent.cell }).catch(() => null) : null;
  const at = clock(sent?.startedAt);
  if (before === null) return { tone: 'info', words: 'Run sends these bytes', more: '', sha256 };
  return before === sha256
    ? { tone: 'ok', words: 'Run sends these bytes', more: `They equal those sent at ${at}.`, sha256 }
    : { tone: 'info', words: 'Run sends these bytes', more: `They differ from those sent at ${at}.`, sha256 };
}
