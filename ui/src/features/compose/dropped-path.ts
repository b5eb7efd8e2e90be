/** Where a dropped file lies, as far as the system tells: as a `file:` address. */
export function droppedPath(data: DataTransfer): string | null {
  const lines = data.getData('text/uri-list').split(/\r?\n/);
  const address = lines.find((line) => line.startsWith('file:'));
  if (address === undefined) return null;
  try {
    const path = decodeURIComponent(new URL(address).pathname);
    // A drive of Windows stands behind a slash.
    return /^\/[A-Za-z]:/.test(path) ? path.slice(1) : path;
  } catch {
    return null;
  }
}

/** Lets files be dropped on what the event is of. */
export function letFilesDrop(event: DragEvent): void {
  if (!event.dataTransfer?.types.includes('Files')) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = 'copy';
}
