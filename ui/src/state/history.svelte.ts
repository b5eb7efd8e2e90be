// The history on screen: what is looked for, what was found, and what is done with it.
import type { FilterHelp } from '../bindings/FilterHelp';
import type { QueryProblem } from '../bindings/QueryProblem';
import type { RunSummary } from '../bindings/RunSummary';
import type { SearchFacets } from '../bindings/SearchFacets';
import type { SearchPage } from '../bindings/SearchPage';
import type { SearchRow } from '../bindings/SearchRow';
import type { Totals } from '../bindings/Totals';
import { describeError } from '../lib/app-error';
import { plural } from '../lib/format';
import type { Host } from '../platform/host';
import { SavedSearches, type SearchFacts } from './saved-searches';

/** What the history needs from the rest of the app. */
export interface HistoryFacts extends SearchFacts {
  recentRuns: RunSummary[];
  readonly section: string;
  report(error: unknown): void;
}

/** Milliseconds of quiet before what is typed is searched. */
const SEARCH_AFTER = 40;
/** Milliseconds of quiet before a note is written, and before new runs are looked for. */
const NOTE_AFTER = 300;
const REFRESH_AFTER = 250;
/** Milliseconds until the list is read again while words of earlier calls come into the index. */
const INDEX_AFTER = 1000;
/** Rows of the first page, which must be there at once, and of the pages that scrolling asks for. */
const PAGES = { first: 100, next: 500 } as const;
/** The most rows that "select all" takes. */
const SELECT_MOST = 10_000;

const liveStates = new Set(['queued', 'waiting', 'streaming', 'retrying', 'replaying']);

export class HistoryController {
  text = $state('');
  /** Newest first, as far as they were asked for. */
  rows: SearchRow[] = $state.raw([]);
  more = $state(false);
  /** Milliseconds of the last search; null before the first. */
  took: number | null = $state(null);
  problems: QueryProblem[] = $state.raw([]);
  /** Why the last search gave no answer. */
  failure: string | null = $state(null);
  facets: SearchFacets | null = $state.raw(null);
  help: FilterHelp[] = $state.raw([]);
  /** What the day has used so far. */
  totals: Totals | null = $state.raw(null);
  isReading = $state(false);

  /** Id of the cell that is shown beside the list. */
  current: string | null = $state(null);
  chosen: ReadonlySet<string> = $state.raw(new Set());
  /** Grows when the search field is to have the focus; see `takeSearchFocus`. */
  searchWanted = $state(0);

  /** Where a range began that Shift extends. */
  #anchor: string | null = null;
  #searchGiven = 0;
  #serial = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #refreshing: ReturnType<typeof setTimeout> | undefined;
  #notes = new Map<string, { note: string; timer: ReturnType<typeof setTimeout> }>();

  readonly saved: SavedSearches;

  constructor(
    private readonly host: Host,
    private readonly facts: HistoryFacts,
  ) {
    this.saved = new SavedSearches(facts);
  }

  readonly currentRow: SearchRow | null = $derived(this.rows.find(({ cell }) => cell === this.current) ?? null);
  /** The rows that actions are for, newest first. */
  readonly chosenRows: SearchRow[] = $derived(this.rows.filter(({ cell }) => this.chosen.has(cell)));

  // ---- searching

  /** True once for each time that the search was asked for. */
  takeSearchFocus(): boolean {
    const wanted = this.searchWanted !== this.#searchGiven;
    this.#searchGiven = this.searchWanted;
    return wanted;
  }

  /** Reads what the page begins with. */
  async open(): Promise<void> {
    const reads = [this.search()];
    if (this.help.length === 0)
      reads.push(
        this.host.searchHelp().then(
          (help) => void (this.help = help),
          (error: unknown) => this.facts.report(error),
        ),
      );
    await Promise.all(reads);
  }

  /** Takes in what is typed; the search follows as soon as the keys rest. */
  setText(text: string): void {
    if (text === this.text) return;
    this.text = text;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.search(), SEARCH_AFTER);
  }

  /** Changes the text by a press rather than by typing, and searches at once. */
  async searchFor(text: string): Promise<void> {
    this.text = text;
    await this.search();
  }

  async search(): Promise<void> {
    clearTimeout(this.#timer);
    this.#serial += 1;
    const serial = this.#serial;
    const { text } = this;
    this.isReading = true;
    try {
      const page = await this.#page(text, PAGES.first, null);
      // An answer to what is no longer asked.
      if (serial !== this.#serial) return;
      this.#take(page);
      this.failure = null;
    } catch (error) {
      if (serial === this.#serial) this.failure = describeError(error);
    } finally {
      if (serial === this.#serial) this.isReading = false;
    }
    // Counting is the slower part, and nobody waits for it.
    if (serial === this.#serial) await this.#count(text, serial);
  }

  #page(text: string, limit: number, after: string | null): Promise<SearchPage> {
    return this.host.search({ text, limit, after, offset: offset() });
  }

  #take(page: SearchPage): void {
    this.rows = page.rows;
    this.more = page.more;
    this.took = page.took;
    this.problems = page.problems;
    const known = new Set(page.rows.map(({ cell }) => cell));
    if (this.current === null || !known.has(this.current)) this.current = page.rows[0]?.cell ?? null;
    const kept = [...this.chosen].filter((cell) => known.has(cell));
    this.chosen = new Set(kept.length > 0 ? kept : this.current === null ? [] : [this.current]);
    this.#anchor = this.current;
  }

  async #count(text: string, serial: number): Promise<void> {
    try {
      const facets = await this.host.searchFacets(text, offset());
      if (serial !== this.#serial) return;
      this.facets = facets;
      if (facets.pending > 0) this.#refreshAfter(INDEX_AFTER);
    } catch (error) {
      if (serial === this.#serial) this.failure = describeError(error);
    }
  }

  /** Fetches the next page; false when there is none. */
  async loadMore(limit: number = PAGES.next): Promise<boolean> {
    const last = this.rows.at(-1);
    if (!this.more || this.isReading || !last) return false;
    const serial = this.#serial;
    this.isReading = true;
    try {
      const page = await this.#page(this.text, limit, last.cell);
      if (serial !== this.#serial) return false;
      this.rows = [...this.rows, ...page.rows];
      this.more = page.more;
      return page.rows.length > 0;
    } catch (error) {
      // Asked again by the next scroll or by a press.
      if (serial === this.#serial) this.failure = describeError(error);
      return false;
    } finally {
      if (serial === this.#serial) this.isReading = false;
    }
  }

  /** Rows of runs that began, ended or changed. */
  runsChanged(rows: readonly RunSummary[]): void {
    if (rows.some(({ live }) => !live)) void this.readTotals();
    this.#refreshAfter(REFRESH_AFTER);
  }

  #refreshAfter(milliseconds: number): void {
    clearTimeout(this.#refreshing);
    this.#refreshing = setTimeout(() => {
      // Whoever comes back to the history reads it anew.
      if (this.facts.section === 'history') void this.#refresh();
    }, milliseconds);
  }

  /** Takes new and changed rows into the list, which stays where it is scrolled to. */
  async #refresh(): Promise<void> {
    const serial = this.#serial;
    const { text } = this;
    try {
      const page = await this.#page(text, PAGES.first, null);
      if (serial !== this.#serial) return;
      const fresh = new Map(page.rows.map((row) => [row.cell, row]));
      const old = this.rows.filter(({ cell }) => !fresh.has(cell));
      const oldest = page.rows.at(-1)?.startedAt ?? 0;
      // What is newer than the end of the page and not on it is gone.
      const below = page.more ? old.filter(({ startedAt }) => startedAt <= oldest) : [];
      this.rows = [...page.rows, ...below];
      if (below.length === 0) this.more = page.more;
      this.current ??= this.rows[0]?.cell ?? null;
      await this.#count(text, serial);
    } catch (error) {
      if (serial === this.#serial) this.failure = describeError(error);
    }
  }

  /** What the calls since midnight used. */
  async readTotals(): Promise<void> {
    try {
      this.totals = await this.host.totals(new Date().setHours(0, 0, 0, 0));
    } catch (error) {
      console.warn('the totals of the day could not be read', error);
    }
  }

  // ---- choosing rows

  /** Makes a row the current one and the only one chosen. */
  choose(cell: string): void {
    this.current = cell;
    this.#anchor = cell;
    this.chosen = new Set([cell]);
  }

  /** Adds a row to those chosen, or takes it out. */
  toggle(cell: string): void {
    const chosen = new Set(this.chosen);
    if (!chosen.delete(cell)) chosen.add(cell);
    this.chosen = chosen;
    this.current = cell;
    this.#anchor = cell;
  }

  /** Chooses everything from where the range began. */
  extend(cell: string): void {
    const from = this.rows.findIndex((row) => row.cell === (this.#anchor ?? cell));
    const to = this.rows.findIndex((row) => row.cell === cell);
    const [first, last] = from <= to ? [Math.max(0, from), to] : [to, from];
    this.chosen = new Set(this.rows.slice(first, last + 1).map((row) => row.cell));
    this.current = cell;
  }

  /** Moves to a row and leaves the choice as it is. */
  moveTo(cell: string): void {
    this.current = cell;
  }

  async chooseAll(): Promise<void> {
    while (this.more && this.rows.length < SELECT_MOST) {
      if (!(await this.loadMore(SELECT_MOST))) break;
    }
    const rows = this.rows.slice(0, SELECT_MOST);
    this.chosen = new Set(rows.map(({ cell }) => cell));
    const all = !this.more && rows.length === this.rows.length;
    this.facts.announce(
      all ? `All ${plural(rows.length, 'call')} chosen` : `The newest ${plural(rows.length, 'call')} chosen`,
    );
  }

  // ---- keeping

  async setStarred(runs: readonly string[], starred: boolean): Promise<void> {
    this.#change(runs, { starred });
    try {
      await Promise.all(runs.map((run) => this.host.starRun(run, starred)));
    } catch (error) {
      this.#change(runs, { starred: !starred });
      this.facts.report(error);
    }
  }

  /** Shows a note at once and writes it when the keys rest. */
  setNote(run: string, note: string): void {
    this.#change([run], { note });
    clearTimeout(this.#notes.get(run)?.timer);
    const timer = setTimeout(() => void this.#writeNote(run), NOTE_AFTER);
    this.#notes.set(run, { note, timer });
  }

  async #writeNote(run: string): Promise<void> {
    const waiting = this.#notes.get(run);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    this.#notes.delete(run);
    try {
      await this.host.noteRun(run, waiting.note);
    } catch (error) {
      this.facts.report(error);
    }
  }

  /** Writes notes that wait to be written. */
  async flush(): Promise<void> {
    await Promise.all([...this.#notes.keys()].map((run) => this.#writeNote(run)));
  }

  #change(runs: readonly string[], change: Partial<Pick<RunSummary, 'starred' | 'note'>>): void {
    const changed = new Set(runs);
    this.rows = this.rows.map((row) => (changed.has(row.run) ? { ...row, ...change } : row));
    this.facts.recentRuns = this.facts.recentRuns.map((row) => (changed.has(row.id) ? { ...row, ...change } : row));
  }

  // ---- deleting

  /** Why these runs cannot be deleted now. */
  deleteReason(runs: readonly string[]): string | null {
    const wanted = new Set(runs);
    const live =
      this.rows.some(({ run, state }) => wanted.has(run) && liveStates.has(state)) ||
      this.facts.recentRuns.some(({ id, live: isLive }) => wanted.has(id) && isLive);
    return live ? 'Stop the run first' : null;
  }

  /** Takes runs away at once and offers to bring them back. */
  async delete(runs: readonly string[]): Promise<void> {
    const gone = new Set(runs);
    if (gone.size === 0) return;
    const reason = this.deleteReason(runs);
    if (reason) {
      this.facts.toast(reason);
      return;
    }
    const before = { rows: this.rows, recent: this.facts.recentRuns, current: this.current, chosen: this.chosen };
    this.#leaveOut(gone);
    try {
      await this.flush();
      await this.host.deleteRuns([...gone]);
    } catch (error) {
      this.rows = before.rows;
      this.facts.recentRuns = before.recent;
      this.current = before.current;
      this.chosen = before.chosen;
      this.facts.report(error);
      return;
    }
    const rows = before.recent.filter(({ id }) => gone.has(id));
    this.facts.toast(`Deleted ${plural(gone.size, 'run')}`, {
      action: { label: 'Undo', run: () => void this.#bringBack([...gone], rows, before.current) },
    });
    void this.readTotals();
    if (this.facts.section === 'history') await this.#count(this.text, this.#serial);
  }

  #leaveOut(gone: ReadonlySet<string>): void {
    const at = this.rows.findIndex(({ cell }) => cell === this.current);
    const next =
      this.rows.slice(at).find(({ run }) => !gone.has(run)) ??
      this.rows.slice(0, Math.max(0, at)).findLast(({ run }) => !gone.has(run));
    this.rows = this.rows.filter(({ run }) => !gone.has(run));
    this.facts.recentRuns = this.facts.recentRuns.filter(({ id }) => !gone.has(id));
    this.current = next?.cell ?? null;
    this.#anchor = this.current;
    this.chosen = new Set(this.current === null ? [] : [this.current]);
  }

  async #bringBack(runs: string[], recent: RunSummary[], current: string | null): Promise<void> {
    try {
      await this.host.undeleteRuns(runs);
      const known = new Set(recent.map(({ id }) => id));
      this.facts.recentRuns = [...recent, ...this.facts.recentRuns.filter(({ id }) => !known.has(id))].sort(
        (a, b) => b.startedAt - a.startedAt,
      );
      this.facts.announce(`Brought back ${plural(runs.length, 'run')}`);
      void this.readTotals();
      if (this.facts.section !== 'history') return;
      this.current = current;
      await this.search();
    } catch (error) {
      this.facts.report(error);
    }
  }
}

/** Minutes that this computer's clock is ahead of UTC. */
function offset(): number {
  return -new Date().getTimezoneOffset();
}
