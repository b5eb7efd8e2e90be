// What the palette finds: pure, so that it can be tested without a window.
import type { IconName } from '../../components/icons';

export interface Entry {
  id: string;
  group: 'Parameters' | 'Commands' | 'Comparisons' | 'Runs' | 'Models';
  icon: IconName;
  /** The words that are searched and whose match is drawn bold. */
  text: string;
  /** Said after it, subtle: `in lane C`. */
  detail?: string;
  /** At the end of the row, mono: a parameter's value. */
  value?: string;
  /** The value is refused by a range or by the server. */
  bad?: boolean;
  /** At the end of the row: `3 lanes`. */
  note?: string;
  keys?: readonly string[];
  disabledReason?: string | null;
  run: () => void | Promise<void>;
}

export interface Found {
  entry: Entry;
  /** Where the match stands in `text`; empty when nothing was searched. */
  from: number;
  to: number;
}

export interface FoundGroup {
  group: Entry['group'];
  found: Found[];
}

const order: Entry['group'][] = ['Parameters', 'Commands', 'Comparisons', 'Runs', 'Models'];
/** Rows of one group; typing finds the rest. */
const shownOfGroup = 8;

/** Whole match first, then words that begin so, then anywhere; null when it is not there. */
function rank(text: string, words: string): { score: number; from: number; to: number } | null {
  if (words === '') return { score: 0, from: 0, to: 0 };
  const lower = text.toLowerCase();
  const at = lower.indexOf(words);
  if (at >= 0) {
    const starts = at === 0 || /[\s_/.-]/.test(lower[at - 1] ?? '');
    return { score: lower === words ? 0 : at === 0 ? 1 : starts ? 2 : 3, from: at, to: at + words.length };
  }
  // Several words in any order: `lane duplicate` finds `Duplicate lane`.
  const parts = words.split(/\s+/);
  if (parts.length > 1 && parts.every((part) => lower.includes(part))) return { score: 4, from: 0, to: 0 };
  return null;
}

export function search(entries: readonly Entry[], query: string): FoundGroup[] {
  let words = query.trim().toLowerCase();
  let groups = order;
  if (words.startsWith('>')) {
    words = words.slice(1).trim();
    groups = ['Commands'];
  } else if (words.startsWith('@')) {
    words = words.slice(1).trim();
    groups = ['Comparisons', 'Runs'];
  } else if (words === '') {
    groups = ['Commands', 'Comparisons', 'Runs'];
  }
  const limit = groups.length === 1 ? 200 : groups.length === 2 ? 50 : shownOfGroup;
  return groups
    .map((group) => ({
      group,
      found: entries
        .filter((entry) => entry.group === group)
        .map((entry) => ({ entry, hit: rank(entry.text, words) }))
        .filter((one): one is { entry: Entry; hit: NonNullable<ReturnType<typeof rank>> } => one.hit !== null)
        .sort((a, b) => a.hit.score - b.hit.score)
        .slice(0, limit)
        .map(({ entry, hit }) => ({ entry, from: hit.from, to: hit.to })),
    }))
    .filter(({ found }) => found.length > 0);
}
