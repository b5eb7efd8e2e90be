/** How an item stands, when that is worth a word: what is complete needs none. */
export interface Status {
  words: string;
  tone: 'plain' | 'warn' | 'bad';
}

const BAD = new Set(['failed', 'error']);
const ENDED_SHORT = new Set(['incomplete', 'cancelled', 'canceled']);
const COMPLETE = new Set(['completed', 'complete', 'done']);

/** `growing`: more of the item may come, so that one without a word of its own is under way. */
export function statusOf(status: string | null, growing: boolean): Status | null {
  if (status === null || status === '' || COMPLETE.has(status)) return null;
  if (BAD.has(status)) return { words: status, tone: 'bad' };
  if (ENDED_SHORT.has(status)) return { words: status, tone: 'warn' };
  // A stream of text needs no label that says that it streams; one that stopped in the middle does.
  if (status === 'in_progress' && growing) return null;
  return { words: status.replaceAll('_', ' '), tone: 'plain' };
}
