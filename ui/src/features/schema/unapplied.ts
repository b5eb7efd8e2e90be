// Code that is no JSON yet, of editors that are not on screen.
const waiting = new Map<string, { json: string; typed: string }>();

/** Keeps what is typed beside the schema that it is to replace; `null` when there is nothing to keep. */
export function keepUnapplied(name: string, json: string, typed: string | null): void {
  if (typed === null) waiting.delete(name);
  else waiting.set(name, { json, typed });
}

/** What was typed into the editor of that name, unless its schema was changed since. */
export function unapplied(name: string | null, json: string): string | null {
  const found = name === null ? undefined : waiting.get(name);
  return found?.json === json ? found.typed : null;
}
