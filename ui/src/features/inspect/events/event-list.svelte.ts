import type { EventFilter } from '../../../bindings/EventFilter';
import type { EventKind } from '../../../bindings/EventKind';
import type { EventRow } from '../../../bindings/EventRow';
import type { EventsView } from '../../../bindings/EventsView';
import type { Host } from '../../../platform/host';

/** Rows asked for together. */
const WINDOW = 200;
/** Rows kept; those that were asked for first go first. */
const KEPT = 4_000;
/** Events that one more look at a live call reads anew at the least. */
const FILTER_AFTER = 150;

type EventsSource = Pick<Host, 'events' | 'eventTimes' | 'findEvents' | 'readEvents'>;

/**
 * The events of one call. Times of all of them are here, which is enough for the picture and for most columns; texts
 * and sizes are read for the rows that are looked at.
 */
export class EventList {
  view: EventsView | null = $state.raw(null);
  times: Float32Array = $state.raw(new Float32Array(0));
  /** What went wrong at the last reading. */
  problem: unknown = $state.raw(null);
  filter: EventFilter = $state.raw({ text: '', kinds: [], stallsOnly: false });
  isFiltering = $state(false);
  /** Numbers that the filter lets through; `null` when it lets all through. */
  #found: Uint32Array | null = $state.raw(null);
  #loaded = $state(0);
  #rows = new Map<number, EventRow>();
  #asked = new Set<number>();
  #reading = false;
  #refreshing: Promise<void> | null = null;
  #finding = 0;
  #findTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: EventsSource,
    readonly cell: string,
  ) {}

  get count(): number {
    return this.#found?.length ?? this.times.length;
  }

  get isFiltered(): boolean {
    return this.#found !== null;
  }

  /** Number of the event in a row, from 0. */
  numberAt(index: number): number | null {
    if (index < 0 || index >= this.count) return null;
    return this.#found ? this.#found[index]! : index + 1;
  }

  /** Row of an event, or of the next one that is listed; -1 with no rows. */
  indexOf(number: number): number {
    const found = this.#found;
    if (!found) return Math.min(this.times.length, number) - 1;
    let low = 0;
    let high = found.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (found[middle]! < number) low = middle + 1;
      else high = middle;
    }
    return Math.min(low, found.length - 1);
  }

  isListed(number: number): boolean {
    return this.numberAt(this.indexOf(number)) === number;
  }

  at(number: number): number | null {
    return this.times[number - 1] ?? null;
  }

  gap(number: number): number | null {
    return number < 2 || number > this.times.length ? null : this.times[number - 1]! - this.times[number - 2]!;
  }

  isStall(number: number): boolean {
    const gap = this.gap(number);
    return gap !== null && this.view !== null && gap > this.view.stallThreshold;
  }

  /** What is known of an event; when nothing is, it is asked for and comes with a later drawing. */
  row(number: number): EventRow | null {
    void this.#loaded;
    const known = this.#rows.get(number);
    if (known) return known;
    if (number >= 1 && number <= this.times.length) this.#ask(number);
    return null;
  }

  /** Reads again what may have grown. */
  refresh(): Promise<void> {
    return (this.#refreshing ??= this.#read().finally(() => (this.#refreshing = null)));
  }

  setFilter(patch: Partial<EventFilter>): void {
    this.filter = { ...this.filter, ...patch };
    clearTimeout(this.#findTimer);
    this.#findTimer = setTimeout(() => void this.#find(), patch.text === undefined ? 0 : FILTER_AFTER);
  }

  toggleKind(kind: EventKind): void {
    const { kinds } = this.filter;
    this.setFilter({ kinds: kinds.includes(kind) ? kinds.filter((one) => one !== kind) : [...kinds, kind] });
  }

  close(): void {
    clearTimeout(this.#findTimer);
    this.#finding += 1;
  }

  async #read(): Promise<void> {
    try {
      const [view, times] = await Promise.all([this.host.events(this.cell), this.host.eventTimes(this.cell)]);
      // A new try begins from nothing.
      if (times.length < this.times.length || (this.times.length > 0 && times[0] !== this.times[0])) this.#rows.clear();
      const grew = times.length !== this.times.length;
      this.view = view;
      this.times = times;
      this.problem = null;
      if (grew && this.#found) await this.#find();
    } catch (error) {
      this.problem = error;
    }
  }

  async #find(): Promise<void> {
    const { text, kinds, stallsOnly } = this.filter;
    const turn = (this.#finding += 1);
    if (text === '' && kinds.length === 0 && !stallsOnly) {
      this.#found = null;
      this.isFiltering = false;
      return;
    }
    this.isFiltering = true;
    try {
      const found = await this.host.findEvents(this.cell, this.filter);
      if (turn === this.#finding) this.#found = found;
    } catch (error) {
      if (turn === this.#finding) this.problem = error;
    }
    if (turn === this.#finding) this.isFiltering = false;
  }

  #ask(number: number): void {
    this.#asked.add(number);
    if (this.#reading) return;
    this.#reading = true;
    queueMicrotask(() => void this.#readRows());
  }

  async #readRows(): Promise<void> {
    while (this.#asked.size > 0) {
      // The newest wishes are what is on screen now.
      const numbers = [...this.#asked].slice(-WINDOW);
      this.#asked.clear();
      try {
        for (const row of await this.host.readEvents(this.cell, this.#around(numbers))) this.#rows.set(row.number, row);
      } catch (error) {
        this.problem = error;
        break;
      }
      for (const number of this.#rows.keys()) {
        if (this.#rows.size <= KEPT) break;
        this.#rows.delete(number);
      }
      this.#loaded += 1;
    }
    this.#reading = false;
  }

  /** The rows beside those asked for come along, so that slow scrolling does not wait at each step. */
  #around(numbers: readonly number[]): number[] {
    const wanted = new Set(numbers);
    const spare = Math.max(0, (WINDOW - wanted.size) >> 1);
    const rows = numbers.map((number) => this.indexOf(number));
    const first = Math.max(0, Math.min(...rows) - spare);
    const last = Math.min(this.count - 1, Math.max(...rows) + spare);
    for (let index = first; index <= last && wanted.size < WINDOW; index += 1) {
      const number = this.numberAt(index);
      if (number !== null && !this.#rows.has(number)) wanted.add(number);
    }
    return [...wanted].sort((a, b) => a - b);
  }
}
