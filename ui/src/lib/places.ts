/**
 * Which row each element of a long list shows. Rows that stay wanted stay where they are, so that an element which has
 * the focus keeps it; the others take the elements that are free, which costs a few texts instead of a new element.
 * An element that no row needs is null.
 */
export function takePlaces(places: readonly (number | null)[], wanted: readonly number[]): (number | null)[] {
  const missing = new Set(wanted);
  const stayed = places.map((row) => (row !== null && missing.delete(row) ? row : null));
  const rows = missing.values();
  const taken = stayed.map((row) => row ?? rows.next().value ?? null);
  taken.push(...rows);
  while (taken.at(-1) === null) taken.pop();
  return taken;
}
