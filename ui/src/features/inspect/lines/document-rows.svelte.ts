// A document of the host as rows: windows of it are fetched when they come near what can be seen, and let go again.
import type { DocumentForm } from '../../../bindings/DocumentForm';
import type { DocumentInfo } from '../../../bindings/DocumentInfo';
import type { DocumentRow } from '../../../bindings/DocumentRow';
import type { DocumentSource } from '../../../bindings/DocumentSource';
import type { Host } from '../../../platform/host';
import { describeError } from '../../../lib/app-error';
import { endsInString, seemsInsideString } from './colour';
import type { RowSource } from './rows';

/** Rows that are fetched at once. */
export const WINDOW = 200;
/** Windows that are kept. */
const KEPT = 24;
const AT_ONCE = 2;

interface Window {
  rows: DocumentRow[];
  inside: boolean[];
}

export class DocumentRows implements RowSource {
  info: DocumentInfo | null = $state.raw(null);
  /** Why there is nothing to show. */
  problem: string | null = $state(null);
  #version = $state(0);
  #windows = new Map<number, Window>();
  #pending = new Set<number>();
  /** Windows that are shown as they were until they are read again. */
  #stale = new Set<number>();
  #wanted = { first: 0, last: 0 };
  #closed = false;

  constructor(
    private readonly host: Pick<Host, 'documentInfo' | 'documentRows'>,
    readonly source: DocumentSource,
    readonly form: DocumentForm,
  ) {}

  get count(): number {
    return this.info?.rows ?? 0;
  }

  /** Asks what there is to show; again, when more may have come. */
  async refresh(): Promise<void> {
    try {
      const info = await this.host.documentInfo(this.source, this.form);
      if (this.#closed) return;
      const before = this.info;
      if (before && (before.bytes !== info.bytes || before.rows !== info.rows)) {
        // What was the end has grown; with another form of the same bytes all rows may have moved.
        const stale = info.rows < before.rows ? 0 : Math.floor(Math.max(0, before.rows - 1) / WINDOW);
        for (const index of this.#windows.keys()) if (index >= stale) this.#stale.add(index);
      }
      this.info = info;
      this.problem = null;
      this.#fetch();
    } catch (error) {
      if (!this.#closed) this.problem = describeError(error);
    }
  }

  /** Nothing that is still on its way is taken in any more. */
  close(): void {
    this.#closed = true;
    this.#windows.clear();
  }

  row(index: number): DocumentRow | null {
    void this.#version;
    return this.#windows.get(Math.floor(index / WINDOW))?.rows[index % WINDOW] ?? null;
  }

  insideString(index: number): boolean {
    void this.#version;
    return this.#windows.get(Math.floor(index / WINDOW))?.inside[index % WINDOW] ?? false;
  }

  want(first: number, last: number): void {
    this.#wanted = { first, last };
    this.#fetch();
  }

  read(from: number, count: number): Promise<DocumentRow[]> {
    return this.host.documentRows(this.source, this.form, from, count);
  }

  /** Fetches what is wanted now; what was wanted a moment ago, and is not any more, is never asked for. */
  #fetch(): void {
    if (this.#closed || this.count === 0) return;
    const { first, last } = this.#wanted;
    const end = Math.floor(Math.min(last, this.count - 1) / WINDOW);
    for (let index = Math.floor(first / WINDOW); index <= end && this.#pending.size < AT_ONCE; index += 1) {
      if ((this.#windows.has(index) && !this.#stale.has(index)) || this.#pending.has(index)) continue;
      this.#pending.add(index);
      void this.#load(index);
    }
  }

  async #load(index: number): Promise<void> {
    const bytes = this.info?.bytes;
    this.#stale.delete(index);
    try {
      const rows = await this.read(index * WINDOW, WINDOW);
      if (this.#closed) return;
      this.#windows.set(index, { rows, inside: this.#insideOf(index, rows) });
      // Rows of a document that has grown meanwhile may end too early: they are read again.
      if (bytes !== this.info?.bytes && rows.length < WINDOW) this.#stale.add(index);
      this.#version += 1;
      this.#letGo();
    } catch (error) {
      if (!this.#closed) this.problem = describeError(error);
      return;
    } finally {
      this.#pending.delete(index);
    }
    this.#fetch();
  }

  #insideOf(index: number, rows: readonly DocumentRow[]): boolean[] {
    const before = this.#windows.get(index - 1);
    const lastRow = before?.rows.at(-1);
    let open = lastRow
      ? endsInString(lastRow.text, before?.inside.at(-1) ?? false)
      : rows[0]?.line === null && seemsInsideString(rows[0].text);
    return rows.map(({ line, text }) => {
      const inside = line === null && open;
      open = endsInString(text, inside);
      return inside;
    });
  }

  #letGo(): void {
    if (this.#windows.size <= KEPT) return;
    const middle = (this.#wanted.first + this.#wanted.last) / 2 / WINDOW;
    const far = [...this.#windows.keys()].sort((a, b) => Math.abs(b - middle) - Math.abs(a - middle));
    for (const index of far.slice(0, this.#windows.size - KEPT)) this.#windows.delete(index);
  }
}
