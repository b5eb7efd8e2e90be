// Past calls as files: where they went is said in a note that gives the path.
import type { ExportFormat } from '../../bindings/ExportFormat';
import type { ExportSubject } from '../../bindings/ExportSubject';
import type { Exported } from '../../bindings/Exported';
import type { MenuItem } from '../../components/Menu.svelte';
import { bytes } from '../../lib/format';
import type { App } from '../../state/app.svelte';

export const formatNames: Record<ExportFormat, string> = {
  har: 'HAR',
  jsonl: 'JSONL',
  bundle: 'Juxta bundle',
  body: 'raw body',
};

/** Names the file that was written with its size, and offers its path. */
export function tellSaved(app: App, { path, bytes: whole }: Exported, size = bytes(whole)): void {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(path);
      app.announce('Path copied');
    } catch (error) {
      app.report(error);
    }
  };
  app.toast(`Saved ${path}, ${size}`, { action: { label: 'Copy path', run: () => void copy() } });
}

export async function exportRuns(app: App, subject: ExportSubject, format: ExportFormat): Promise<void> {
  try {
    tellSaved(app, await app.host.exportRuns(subject, format));
  } catch (error) {
    app.report(error);
  }
}

/** Menu entries that write runs, or the one answer that is meant, to files. */
export function exportItems(app: App, runs: readonly string[], cell: string | null): MenuItem[] {
  const whole: ExportSubject = { kind: 'runs', runs: [...runs] };
  const noun = runs.length === 1 ? 'run' : 'runs';
  return [
    ...(['har', 'jsonl', 'bundle'] as const).map((format, index): MenuItem => ({
      label: `Export ${noun} as ${formatNames[format]}`,
      icon: 'download',
      separated: index === 0,
      run: () => void exportRuns(app, whole, format),
    })),
    ...(cell === null ? [] : answerItems(app, cell, null, ['body'])),
  ];
}

/** Menu entries that write one answer to a file. */
export function answerItems(
  app: App,
  cell: string | null,
  disabledReason: string | null,
  formats: readonly ExportFormat[] = ['har', 'jsonl', 'bundle', 'body'],
): MenuItem[] {
  return formats.map((format, index): MenuItem => ({
    label: `Export this answer as ${formatNames[format]}`,
    icon: 'download',
    separated: index === 0 && formats.length > 1,
    disabledReason,
    run: () => {
      if (cell !== null) void exportRuns(app, { kind: 'cell', cell }, format);
    },
  }));
}
