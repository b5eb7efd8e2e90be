// Texts of the JSON tab that could not be applied. They outlive the tab, the window and the app, until they are applied
// or given up.
const PREFIX = 'juxta.body.';

/** Texts longer than this are kept for the session only, UTF-16 units. */
const MOST = 1_000_000;

/** With the revision of the form that the text was written over. */
const session = new Map<string, { text: string; revision: number }>();

const keyOf = (comparison: string, lane: string) => `${PREFIX}${comparison}.${lane}`;

/** A text that was kept; its revision is `null` when an earlier start of the app kept it. */
export function unapplied(comparison: string, lane: string): { text: string; revision: number | null } | null {
  const key = keyOf(comparison, lane);
  const known = session.get(key);
  if (known) return known;
  try {
    const text = localStorage.getItem(key);
    return text === null ? null : { text, revision: null };
  } catch {
    // Without storage the session is what there is.
    return null;
  }
}

export function forgetUnapplied(comparison: string, lane: string): void {
  const key = keyOf(comparison, lane);
  session.delete(key);
  try {
    localStorage.removeItem(key);
  } catch {
    // Without storage nothing was kept there.
  }
}

export function keepUnapplied(comparison: string, lane: string, text: string, revision: number): void {
  const key = keyOf(comparison, lane);
  session.set(key, { text, revision });
  try {
    if (text.length > MOST) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // A full storage costs the copy beyond this session, not the text on screen.
  }
}
