// The documents of one section as rows of a list: named, doubled, and taken away with a way back.
import type { Comparison } from '../bindings/Comparison';
import type { ComparisonSummary } from '../bindings/ComparisonSummary';
import { newId } from '../lib/ids';
import type { App } from './app.svelte';
import type { ComparisonController } from './comparison.svelte';

/** Where the documents of a section are, and how one of them comes on screen. */
export interface DocumentPlace {
  /** The one that is open. */
  readonly draft: ComparisonController;
  /** All of them, in the order of the list. */
  readonly rows: readonly ComparisonSummary[];
  /** Shows one with the answers that it got last. */
  open(id: string): Promise<void>;
  /** Shows one without answers. */
  show(comparison: Comparison): void;
  /** Shows a new one. */
  create(): void;
}

export class Documents {
  constructor(
    private readonly app: App,
    private readonly place: DocumentPlace,
  ) {}

  get rows(): readonly ComparisonSummary[] {
    return this.place.rows;
  }

  /** Id of the one that is open. */
  get openId(): string | null {
    const { draft } = this.place;
    return draft.isOpen ? draft.comparison.id : null;
  }

  /** The name of a row as it is now: that of the open document is saved a moment later. */
  nameOf(row: ComparisonSummary): string {
    return row.id === this.openId ? this.place.draft.comparison.name : row.name;
  }

  open(id: string): Promise<void> {
    return this.place.open(id);
  }

  create(): void {
    this.place.create();
  }

  async rename(id: string, name: string): Promise<void> {
    const words = name.trim();
    if (words === '') return;
    if (id === this.openId) {
      this.place.draft.rename(words);
      return;
    }
    await this.#tell(async () => {
      const comparison = await this.app.host.openComparison(id);
      this.app.comparisonSaved(await this.app.host.saveComparison({ ...comparison, name: words }));
    });
  }

  /** Opens a copy. Its lanes are its own, and its runs are those to come. */
  async duplicate(id: string): Promise<void> {
    await this.#tell(async () => {
      const like = await this.#read(id);
      const lanes = like.lanes.map((lane) => ({ ...lane, id: newId() }));
      this.place.show({ ...like, id: newId(), name: this.app.freeName(`${like.name} copy`), lanes });
      this.place.draft.touch();
    });
  }

  /** Takes one away at once and offers to bring it back; its runs stay. */
  async remove(id: string): Promise<void> {
    await this.#tell(async () => {
      const { app, place } = this;
      const isOpen = id === this.openId;
      const kept = await this.#read(id);
      const at = place.rows.findIndex((row) => row.id === id);
      const isSaved = at >= 0;
      if (isSaved) await app.forgetComparison(id);
      if (isOpen) {
        const next = place.rows[Math.max(0, Math.min(at, place.rows.length - 1))];
        if (next) await place.open(next.id);
        else place.create();
      }
      if (!isSaved) return;
      app.toast(`Deleted ${kept.name}`, {
        action: { label: 'Undo', run: () => void this.#bringBack(kept, isOpen) },
      });
    });
  }

  async #bringBack(comparison: Comparison, open: boolean): Promise<void> {
    await this.#tell(async () => {
      this.app.comparisonSaved(await this.app.host.saveComparison(comparison));
      if (open) await this.place.open(comparison.id);
    });
  }

  /** What a document says, with the edits of the last moment. */
  async #read(id: string): Promise<Comparison> {
    if (id !== this.openId) return this.app.host.openComparison(id);
    const { draft } = this.place;
    await draft.flush();
    return draft.snapshot();
  }

  async #tell(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.app.report(error);
    }
  }
}
