// Rows of a list that is too long to be here as a whole. They are fetched in windows as they come into view; what was
// shown stays until what takes its place is there.
import { describeError } from './app-error';

/** Rows of one window. */
export const WINDOW = 100;
/** Windows that are kept; the oldest go first. */
const KEPT = 20;
/** A view shows parts of no more windows than these, and the row of the keys is in another. */
const SEEN = 3;

/** What an answer says beside its rows. */
interface Counted {
  total: number;
}

export class RowWindows<Row, Head extends Counted> {
  /** Everything but the rows. */
  head: Head | null = $state.raw(null);
  problem: string | null = $state(null);
  /** Index of the row that the keys move from. */
  cursor = $state(0);
  #windows: ReadonlyMap<number, readonly Row[]> = $state.raw(new Map());
  #asked = new Set<number>();
  /** Windows that were drawn and are not here, the last one first. */
  #wanted: readonly number[] = [];
  /** The query one window of which is being read. */
  #reading: number | null = null;
  /** Grows with each query: an answer to an earlier one is old. */
  #serial = 0;

  constructor(private readonly ask: (from: number, count: number) => Promise<{ rows: readonly Row[]; head: Head }>) {}

  get total(): number {
    return this.head?.total ?? 0;
  }

  get serial(): number {
    return this.#serial;
  }

  rowAt(index: number): Row | null {
    const number = Math.floor(index / WINDOW);
    const known = this.#windows.get(number);
    if (!this.#asked.has(number)) this.#want(number);
    return known?.[index % WINDOW] ?? null;
  }

  /** Those rows, if all of them are here. */
  near(from: number, to: number): Row[] | null {
    const rows: Row[] = [];
    for (let index = from; index <= to; index += 1) {
      const row = this.#windows.get(Math.floor(index / WINDOW))?.[index % WINDOW];
      if (!row) return null;
      rows.push(row);
    }
    return rows;
  }

  /** Reads what is on screen again, as when more rows are over. */
  refresh(): void {
    this.#serial += 1;
    this.#asked.clear();
    this.#wanted = [];
    void this.#read(Math.floor(this.cursor / WINDOW));
    // The other windows are asked for again as they are drawn.
    this.#windows = new Map(this.#windows);
  }

  /** Another question: nothing of the last answer stays. */
  begin(): void {
    this.cursor = 0;
    this.#serial += 1;
    this.#asked.clear();
    this.#wanted = [];
    this.#windows = new Map();
    void this.#read(0);
  }

  /**
   * One window after the other, and of those that a view flew over only the last: the answer to each makes the list
   * look for its rows again, so that what is still missing is wanted again.
   */
  #want(number: number): void {
    if (this.#wanted.length === 0) queueMicrotask(() => void this.#next());
    this.#wanted = [number, ...this.#wanted.filter((other) => other !== number)].slice(0, SEEN);
  }

  async #next(): Promise<void> {
    const [number, ...later] = this.#wanted;
    if (number === undefined || this.#reading === this.#serial) return;
    const serial = this.#serial;
    this.#wanted = later;
    this.#reading = serial;
    await this.#read(number);
    if (this.#reading === serial) this.#reading = null;
    void this.#next();
  }

  async #read(number: number): Promise<void> {
    if (this.#asked.has(number)) return;
    this.#asked.add(number);
    const serial = this.#serial;
    try {
      const { rows, head } = await this.ask(number * WINDOW, WINDOW);
      if (serial !== this.#serial) return;
      const kept = [...this.#windows].filter(([other]) => other !== number).slice(1 - KEPT);
      for (const other of [...this.#asked])
        if (other !== number && !kept.some(([one]) => one === other) && this.#windows.has(other))
          this.#asked.delete(other);
      this.#windows = new Map([...kept, [number, rows]]);
      this.head = head;
      this.problem = null;
      this.cursor = Math.max(0, Math.min(this.cursor, head.total - 1));
    } catch (error) {
      if (serial === this.#serial) this.problem = describeError(error);
    }
  }
}
