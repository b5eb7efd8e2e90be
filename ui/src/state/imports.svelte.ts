// What comes in from files and pasted texts: read by the app, then opened or named here.
import type { Imported } from '../bindings/Imported';
import { describeError } from '../lib/app-error';
import { plural } from '../lib/format';
import type { App } from './app.svelte';
import { openPictureRequest } from './picture-request';

/** What came of one file or one pasted text. */
export interface ImportResult {
  /** Name of the file; empty for a paste. */
  name: string;
  imported: Imported | null;
  /** Why nothing of it was imported. */
  problem: string | null;
}

export class ImportController {
  /** What was pasted; it stays until it was read. */
  text = $state('');
  /** Why the pasted text was not read. */
  problem: string | null = $state(null);
  isReading = $state(false);
  /** What the dialog tells; null while it asks. */
  results: ImportResult[] | null = $state.raw(null);

  constructor(private readonly app: App) {}

  /** Reads the pasted text. It is kept when it cannot be read. */
  async paste(): Promise<void> {
    const [result] = await this.#read([{ name: '', bytes: async () => new TextEncoder().encode(this.text) }]);
    if (!result) return;
    if (result.problem !== null) {
      this.problem = result.problem;
      return;
    }
    this.text = '';
    this.#tell([result]);
  }

  async files(files: readonly File[]): Promise<void> {
    const others: File[] = [];
    const refused: ImportResult[] = [];
    for (const file of files) {
      const opened = await openPictureRequest(this.app, file);
      if (opened === null) others.push(file);
      else if (opened !== true) refused.push({ name: file.name, imported: null, problem: opened.problem });
    }
    const read = await this.#read(
      others.map((file) => ({ name: file.name, bytes: async () => new Uint8Array(await file.arrayBuffer()) })),
    );
    const results = [...read, ...refused];
    if (results.length > 0) this.#tell(results);
    else this.app.overlay = null;
  }

  async #read(sources: readonly { name: string; bytes: () => Promise<Uint8Array> }[]): Promise<ImportResult[]> {
    if (this.isReading) return [];
    this.isReading = true;
    this.problem = null;
    const results: ImportResult[] = [];
    try {
      for (const { name, bytes } of sources) {
        try {
          const imported = await this.app.host.importData(name, await bytes());
          await this.#open(imported);
          results.push({ name, imported, problem: null });
        } catch (error) {
          results.push({ name, imported: null, problem: describeError(error) });
        }
      }
    } finally {
      this.isReading = false;
    }
    return results;
  }

  async #open({ draft, saved, runs }: Imported): Promise<void> {
    const { app } = this;
    app.importedRows(saved, runs);
    if (draft) await app.openImported(draft);
    else if (runs.length > 0 && app.section === 'history') await app.history.search();
  }

  /** A request that opened needs no words beside itself; anything more is told. */
  #tell(results: readonly ImportResult[]): void {
    const { app } = this;
    const only = results.length === 1 ? results[0] : undefined;
    const plain = only?.imported;
    if (plain?.draft && plain.saved.length === 0 && plain.runs.length === 0 && plain.unknown.length === 0) {
      const keys = plain.keysFound.length > 0 ? ', with its key' : '';
      app.overlay = null;
      app.toast(`Opened ${plain.draft.comparison.name} from ${plain.format}${keys}`);
      return;
    }
    this.results = [...results];
    app.overlay = 'import';
    app.announce(results.map(summaryOf).join('. '));
  }
}

/** `HAR: 3 past runs, 1 request`. */
export function summaryOf({ name, imported, problem }: ImportResult): string {
  const subject = name === '' ? '' : `${name}: `;
  if (!imported) return `${subject}${problem ?? ''}`;
  const requests = imported.saved.length + (imported.draft ? 1 : 0);
  const parts = [
    imported.runs.length > 0 ? plural(imported.runs.length, 'past run') : '',
    requests > 0 ? plural(requests, 'request') : '',
  ].filter((part) => part !== '');
  return `${subject}${parts.length > 0 ? parts.join(' and ') : 'nothing'} from ${imported.format}`;
}
