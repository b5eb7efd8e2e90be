// Texts of the JSON tab that could not be applied. They outlive the tab, the window and the app, until they are applied
// or given up.
const PREFIX = 'juxta.body.';

/** Texts longer than this are kept for the session only, UTF-16 units. */
const MOST = 1_000_000;

const session = new Map<string, string>();

const keyOf = (comparison: string, lane: string) => `${PREFIX}${comparison}.${lane}`;

export function unapplied(comparison: string, lane: string): string | null {
  const key = keyOf(comparison, lane);
  try {
    return session.get(key) ?? localStorage.getItem(key);
  } catch {
    // Without storage the session is what there is.
    return null;
  }
}

export function keepUnapplied(comparison: string, lane: string, text: string | null): void {
  const key = keyOf(comparison, lane);
  if (text === null) session.delete(key);
  else session.set(key, text);
  try {
    if (text === null || text.length > MOST) localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {
    // A full storage costs the copy beyond this session, not the text on screen.
  }
}
