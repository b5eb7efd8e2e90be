/** What a lane sends now and did not send when it last worked. */
import type { Cell } from '../../bindings/Cell';

export interface Change {
  name: string;
  /** JSON text, or `null` when the key was not sent. */
  before: string | null;
  now: string | null;
}

const NOT_SETTINGS = new Set(['messages', 'stream']);

export function changedSince(before: Cell, now: Cell): Change[] {
  const was = keysOf(before);
  const is = keysOf(now);
  const names = new Set([...was.keys(), ...is.keys()]);
  const changes: Change[] = [];
  for (const name of names) {
    if (NOT_SETTINGS.has(name) || was.get(name) === is.get(name)) continue;
    changes.push({ name, before: was.get(name) ?? null, now: is.get(name) ?? null });
  }
  if (before.connection !== now.connection)
    changes.unshift({ name: 'connection', before: before.connectionName, now: now.connectionName });
  return changes;
}

function keysOf(cell: Cell): Map<string, string> {
  const keys = new Map((cell.request?.keys ?? []).map((key) => [key.name, key.json]));
  if (!keys.has('model')) keys.set('model', JSON.stringify(cell.model));
  return keys;
}
