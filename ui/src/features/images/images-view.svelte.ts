// What the section of pictures shows beside its document: the grid of a run, which picture is A and which is B, and how
// the two are held against each other.
import { untrack } from 'svelte';
import type { Grid } from '../../bindings/Grid';
import type { GridAxis } from '../../bindings/GridAxis';
import type { Lane } from '../../bindings/Lane';
import type { AnsweredPicture } from '../../bindings/AnsweredPicture';
import type { PictureDifference } from '../../bindings/PictureDifference';
import { describeError } from '../../lib/app-error';
import { excerpt } from '../../lib/excerpt';
import type { App } from '../../state/app.svelte';
import type { MediaDocument } from '../../state/media-document.svelte';
import { mediaScope, type MediaScope } from '../../state/media-scope.svelte';
import type { LiveCell } from '../../state/runs/live-cell.svelte';
import { callsOf, lanesOf, MOST_CALLS, nameOf, placeOf, sameSubject, variablesOf } from './grid';
import { Pictures, type PictureKey } from './pictures.svelte';

export type Pick = 'a' | 'b';
export type Mode = 'slider' | 'side' | 'difference';

/** One place of the grid. */
export interface Tile {
  index: number;
  name: string;
  column: number;
  row: number;
  /** `null` before the first run. */
  cell: LiveCell | null;
}

/** A picture that was chosen as A or B. */
export interface Chosen extends PictureKey {
  /** Number of its place in the grid. */
  index: number;
}

/** How far in, and what of the picture is in the middle, as shares of it. */
export interface Zoom {
  /** 1 shows all of it. */
  factor: number;
  x: number;
  y: number;
}

const whole = (): Zoom => ({ factor: 1, x: 0.5, y: 0.5 });
export const MOST_ZOOM = 32;
/** Runs of before that are looked at for answers to tries again. */
const LOOKED_BACK = 20;

export class ImagesView {
  readonly document: MediaDocument;
  readonly scope: MediaScope;
  readonly pictures: Pictures;
  layout: 'grid' | 'list' = $state('grid');
  mode: Mode = $state('slider');
  /** Which of the two panes is shown where there is room for one. */
  side: 'grid' | 'compare' = $state('grid');
  /** The parameters are open. */
  panelOpen = $state(false);
  /** Place of the tile that the keys mean. */
  current = $state(0);
  a: Chosen | null = $state.raw(null);
  b: Chosen | null = $state.raw(null);
  /** Where the divider stands, per cent. */
  divider = $state(50);
  isLinked = $state(true);
  zooms: Record<Pick, Zoom> = $state({ a: whole(), b: whole() });
  /** Which picture of an answer with several is shown, by its call. */
  #shown: Record<string, number> = $state({});
  #difference: { of: string; found: PictureDifference | null; problem: string | null } | null = $state.raw(null);
  #again: string[] = [];
  #entered: string | null = null;

  constructor(readonly app: App) {
    this.document = app.media.image;
    this.pictures = new Pictures(app.host);
    this.scope = mediaScope(app, this.document, {
      start: (lanes) => this.startLanes(lanes),
      startReason: () => this.startReason(),
    });
  }

  get draft() {
    return this.document.draft;
  }

  /** What the next run varies. */
  get grid(): Grid {
    return this.draft.comparison.draft.grid;
  }

  /** What the run on screen varies. */
  readonly shownGrid: Grid = $derived.by(() => this.document.run?.snapshot.draft.grid ?? this.grid);

  readonly tiles: Tile[] = $derived.by(() => {
    const grid = this.shownGrid;
    const cells = new Map(this.document.cells.map((cell) => [cell.head.laneIndex, cell]));
    return Array.from({ length: Math.min(callsOf(grid), MOST_CALLS) }, (_, index) => ({
      index,
      name: nameOf(grid, index),
      ...placeOf(grid, index),
      cell: cells.get(index) ?? null,
    }));
  });

  get tile(): Tile | null {
    return this.tiles[this.current] ?? this.tiles[0] ?? null;
  }

  // ---- what is asked for

  setAxis(which: 'columns' | 'rows', axis: GridAxis | null): void {
    const grid = this.draft.comparison.draft.grid;
    const other = which === 'columns' ? 'rows' : 'columns';
    // Nothing can take two values at once.
    if (axis && grid[other] && sameSubject(grid[other].subject, axis.subject)) grid[other] = null;
    grid[which] = axis;
    this.draft.touch();
  }

  swapAxes(): void {
    const grid = this.draft.comparison.draft.grid;
    [grid.columns, grid.rows] = [grid.rows, grid.columns];
    this.draft.touch();
  }

  /** Variables that the prompt asks for and that no axis fills. */
  get variables(): string[] {
    const own = variablesOf(this.grid);
    return this.draft.variableNames.filter((name) => !own.includes(name));
  }

  startReason(): string | null {
    const { lane } = this.document;
    if (!this.draft.isOpen || !lane) return 'Nothing is open';
    if (this.document.connections.length === 0) return 'Add a connection whose server draws pictures';
    if (lane.model === '') return 'Choose a model';
    const calls = callsOf(this.grid);
    if (calls > MOST_CALLS) return `${calls} calls are more than the ${MOST_CALLS} of one grid`;
    const own = variablesOf(this.grid);
    const missing = this.draft.missingVariables.filter((name) => !own.includes(name));
    if (missing.length > 0) return `Fill ${missing.join(', ')}`;
    const isPromptVaried = [this.grid.columns, this.grid.rows].some((axis) => axis?.subject.kind === 'prompt');
    if (!isPromptVaried && this.prompt.trim() === '') return 'Write a prompt';
    return null;
  }

  get prompt(): string {
    const message = this.draft.comparison.draft.messages.find(({ role }) => role === 'user');
    return message?.content.kind === 'text' ? message.content.text : '';
  }

  setPrompt(text: string): void {
    const message = this.draft.comparison.draft.messages.find(({ role }) => role === 'user');
    if (message) this.draft.setText(message, text);
  }

  async start(): Promise<void> {
    if (this.startReason() !== null) return;
    this.#name();
    await this.document.start((sent) => {
      sent.lanes = lanesOf(sent, (name) => this.draft.spec(sent.lanes[0]!.id, name)?.kind ?? null);
      sent.repeats = 1;
    });
    this.#shown = {};
    [this.a, this.b] = [null, null];
    this.current = 0;
    const { run } = this.document;
    if (run && this.document.error === null)
      this.app.announce(`Generating ${callsOf(run.snapshot.draft.grid)} pictures`);
  }

  /** A document that nobody has named is called by its prompt, so that a list of them can be read. */
  #name(): void {
    const name = excerpt(this.prompt.replaceAll(/[{}]/g, ''));
    if (name !== '' && /^Pictures(?: \d+)?$/.test(this.draft.comparison.name))
      this.draft.rename(this.app.freeName(name));
  }

  /** Tries lanes of the run on screen again, and shows what comes of it in their places. */
  async startLanes(lanes: string[] | null): Promise<void> {
    const { run } = this.document;
    if (!run || lanes === null) return this.start();
    const own = new Set(this.document.cells.map(({ head }) => head.lane));
    if (!lanes.some((lane) => own.has(lane))) return this.start();
    try {
      const sent = structuredClone(run.snapshot);
      for (const lane of sent.lanes) lane.muted = !lanes.includes(lane.id);
      const again = await this.app.runs.startApart(sent);
      this.#again.push(again.run.summary.id);
      this.#replace(again.cells);
    } catch (error) {
      this.app.report(error);
    }
  }

  get failed(): Tile[] {
    return this.tiles.filter(({ cell }) => cell !== null && !cell.isLive && cell.settled !== 'finished');
  }

  async retry(tiles: readonly Tile[]): Promise<void> {
    const lanes = tiles.flatMap(({ cell }) => (cell ? [cell.head.lane] : []));
    if (lanes.length > 0) await this.startLanes(lanes);
  }

  async stop(): Promise<void> {
    const runs = new Set(this.document.cells.filter(({ isLive }) => isLive).map(({ head }) => head.run));
    await Promise.all([...runs].map((run) => this.app.host.stopRun(run)));
  }

  async stopTile({ cell }: Tile): Promise<void> {
    if (cell) await this.app.host.stopCell(cell.id);
  }

  #replace(cells: readonly LiveCell[]): void {
    const newer = new Map(cells.map((cell) => [cell.head.lane, cell]));
    this.document.cells = this.document.cells.map((cell) => newer.get(cell.head.lane) ?? cell);
    for (const pick of ['a', 'b'] as const) {
      const chosen = this[pick];
      if (chosen && !this.document.cells.some(({ id }) => id === chosen.cell)) this[pick] = null;
    }
  }

  // ---- grids of before

  /** Looks at the run that the document shows by now, if it is another one. */
  async entered(): Promise<void> {
    const id = this.document.run?.summary.id ?? null;
    if (id === this.#entered) return;
    this.#entered = id;
    this.#leaveAgain();
    this.#shown = {};
    [this.a, this.b, this.current] = [null, null, 0];
    await this.#gather();
  }

  /** A run of which some lanes were tried again is shown with what came of that. */
  async #gather(): Promise<void> {
    const { run } = this.document;
    if (!run) return;
    const { snapshot, summary } = run;
    const isPart = summary.cells < snapshot.lanes.length;
    const isOne = (other: { id: string; cells: number }) =>
      other.id !== summary.id && (isPart || other.cells < summary.cells);
    const family = this.document.runs.filter(isOne).slice(0, LOOKED_BACK);
    if (!isPart && this.failed.length === 0) return;
    const found: LiveCell[] = [...this.document.cells];
    for (const { id } of family) {
      const apart = await this.app.runs.openApart(id);
      if (this.document.run?.summary.id !== summary.id) return this.app.runs.leaveApart(id);
      if (apart.run.snapshot.lanes.map((lane) => lane.id).join() !== snapshot.lanes.map((lane) => lane.id).join()) {
        this.app.runs.leaveApart(id);
        continue;
      }
      this.#again.push(id);
      found.push(...apart.cells);
      if (apart.run.summary.cells === snapshot.lanes.length) break;
    }
    // The newest that went well, else the newest.
    const best = new Map<string, LiveCell>();
    for (const cell of found.sort((one, other) => (other.head.startedAt ?? 0) - (one.head.startedAt ?? 0))) {
      const known = best.get(cell.head.lane);
      if (!known || (known.settled !== 'finished' && !known.isLive && cell.settled === 'finished'))
        best.set(cell.head.lane, cell);
    }
    this.document.cells = [...best.values()];
  }

  #leaveAgain(): void {
    for (const run of this.#again) this.app.runs.leaveApart(run);
    this.#again = [];
  }

  // ---- pictures of the grid

  /** The picture of a tile that is shown; `null` while there is none. */
  pictureOf(tile: Tile): AnsweredPicture | null {
    const looked = tile.cell && this.pictures.of(tile.cell);
    return looked?.pictures[this.numberOf(tile)] ?? null;
  }

  countOf(tile: Tile): number {
    return (tile.cell && this.pictures.of(tile.cell)?.pictures.length) ?? 0;
  }

  numberOf({ cell }: Tile): number {
    return (cell && this.#shown[cell.id]) ?? 0;
  }

  showNumber(tile: Tile, number: number): void {
    if (!tile.cell) return;
    const count = this.countOf(tile);
    this.#shown[tile.cell.id] = (number + count) % count;
  }

  keyOf(tile: Tile): PictureKey | null {
    const picture = this.pictureOf(tile);
    return tile.cell && picture && picture.problem === null ? { cell: tile.cell.id, number: picture.number } : null;
  }

  // ---- A and B

  choose(pick: Pick, tile: Tile): void {
    const key = this.keyOf(tile);
    if (!key) return;
    this[pick] = { ...key, index: tile.index };
    const other = pick === 'a' ? 'b' : 'a';
    if (same(this[other], this[pick])) this[other] = null;
    this.app.announce(`${tile.name} is ${pick.toUpperCase()}`);
  }

  /** Which letters a tile has, by the picture of it that is shown. */
  lettersOf(tile: Tile): string[] {
    const key = this.keyOf(tile);
    return (['a', 'b'] as const)
      .filter((pick) => key !== null && same(this[pick], key))
      .map((pick) => pick.toUpperCase());
  }

  chosenTile(pick: Pick): Tile | null {
    const chosen = this[pick];
    return (chosen && this.tiles[chosen.index]) ?? null;
  }

  chosenPicture(pick: Pick): AnsweredPicture | null {
    const chosen = this[pick];
    const cell = this.chosenTile(pick)?.cell;
    if (!chosen || !cell || cell.id !== chosen.cell) return null;
    return this.pictures.of(cell)?.pictures[chosen.number] ?? null;
  }

  laneOf(tile: Tile | null): Lane | null {
    const lane = tile?.cell?.head.lane;
    return this.document.run?.snapshot.lanes.find(({ id }) => id === lane) ?? null;
  }

  /** Where A and B differ; asked for once both are chosen. */
  get difference(): { found: PictureDifference | null; problem: string | null } | null {
    const [a, b] = [this.a, this.b];
    if (!a || !b) return null;
    const of = `${a.cell} ${a.number} ${b.cell} ${b.number}`;
    if (this.#difference?.of === of) return this.#difference;
    untrack(() => queueMicrotask(() => void this.#compare(of, a, b)));
    return null;
  }

  #comparing: string | null = null;

  async #compare(of: string, a: Chosen, b: Chosen): Promise<void> {
    if (this.#comparing === of || this.#difference?.of === of) return;
    this.#comparing = of;
    try {
      const [one, other] = await Promise.all([this.pictures.dataUrl(a), this.pictures.dataUrl(b)]);
      const found = await this.app.host.pictureDifference(one, other, 0);
      if (this.#comparing === of) this.#difference = { of, found, problem: null };
    } catch (error) {
      if (this.#comparing === of) this.#difference = { of, found: null, problem: describeError(error) };
    } finally {
      if (this.#comparing === of) this.#comparing = null;
    }
  }

  // ---- zoom

  setZoom(pick: Pick, zoom: Zoom): void {
    this.zooms[pick] = zoom;
    if (this.isLinked || this.mode !== 'side') this.zooms[pick === 'a' ? 'b' : 'a'] = { ...zoom };
  }

  link(linked: boolean): void {
    this.isLinked = linked;
    if (linked) this.zooms.b = { ...this.zooms.a };
  }

  resetZoom(): void {
    this.zooms = { a: whole(), b: whole() };
  }
}

function same(one: PictureKey | null, other: PictureKey | null): boolean {
  return one !== null && other !== null && one.cell === other.cell && one.number === other.number;
}

const views = new WeakMap<App, ImagesView>();

/** The one view of a window. */
export function imagesView(app: App): ImagesView {
  const known = views.get(app);
  if (known) return known;
  const made = new ImagesView(app);
  views.set(app, made);
  return made;
}
