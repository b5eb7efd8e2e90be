// What the vectors of a run say: asked of the app when the calls are over, and which text is looked at.
import type { VectorAgreement } from '../../bindings/VectorAgreement';
import type { VectorFacts } from '../../bindings/VectorFacts';
import type { VectorNeighbour } from '../../bindings/VectorNeighbour';
import type { VectorPairs } from '../../bindings/VectorPairs';
import type { MapMethod } from '../../bindings/MapMethod';
import { describeError } from '../../lib/app-error';
import type { App } from '../../state/app.svelte';
import { newLane } from '../../state/comparison/new';
import type { MediaDocument } from '../../state/media-document.svelte';
import type { LiveCell } from '../../state/runs/live-cell.svelte';
import { topicNames, topicsOf } from './topics';

/** The matrix is drawn for so many texts. */
export const MOST_IN_MATRIX = 200;
/** Pairs are counted for so many. */
const MOST_PAIRED = 2000;
const MOST_NEAR = 20;
const MOST_DISPUTED = 20;
const BARS = 32;

const METHODS: readonly MapMethod[] = ['pca', 'tsne'];
/** Milliseconds between two looks at how far a map is. One that is there before the first of them is not told of. */
const MAP_LOOKS = 200;

export type Order = 'topic' | 'pasted' | 'row';

/** What is known of the vectors of one model. */
export interface Vectors {
  /** The calls that they came in, in the order of the texts. */
  cells: string[];
  /** The text of each vector: its place in the run's list. */
  places: number[];
  facts: VectorFacts;
  norms: Float32Array;
  pairs: VectorPairs | null;
  /** All cosines, where the matrix is drawn. */
  square: Float32Array | null;
  /** The group of each vector. */
  topics: number[];
  names: string[];
}

export interface VectorMap {
  method: MapMethod;
  /** Shares of the variance; `NaN` where axes mean nothing. */
  explained: [number, number];
  /** x and y of each vector. */
  points: Float32Array;
}

/** A map that is being made. */
interface MapWork {
  cells: string[];
  method: MapMethod;
  /** 0 to 1; `null` before it has told. */
  share: number | null;
}

export class EmbeddingsView {
  order: Order = $state('topic');
  /** The vector whose neighbours are shown. */
  row = $state(0);
  /** The two that the matrix points at. */
  pair: { row: number; column: number } | null = $state.raw(null);
  method: MapMethod = $state('pca');
  vectors: Vectors | null = $state.raw(null);
  map: VectorMap | null = $state.raw(null);
  /** The map that is waited for. */
  mapWork: MapWork | null = $state.raw(null);
  near: VectorNeighbour[] = $state.raw([]);
  agreement: VectorAgreement | null = $state.raw(null);
  /** Why vectors that came cannot be shown. */
  problem: string | null = $state(null);
  mapProblem: string | null = $state(null);
  agreementProblem: string | null = $state(null);
  isReading = $state(false);
  isAdding = $state(false);
  /** What was dropped or pasted on the page, for the dialog that adds texts. */
  offered: { path: string } | { text: string } | null = $state.raw(null);
  showsParameters = $state(false);
  /** The draft's texts were changed since the run that is shown, and are shown instead. */
  edited = $state(false);
  readonly document: MediaDocument;
  #asked = 0;
  #nearAsked = 0;
  #mapAsked = 0;
  /** Cosines to the row that the list is ordered by, where there is no matrix to read them from. */
  #byRow: number[] | null = $state.raw(null);

  constructor(private readonly app: App) {
    this.document = app.media.embed;
  }

  get draft() {
    return this.document.draft.comparison.draft;
  }

  /** The texts of the run, or of the draft where they have been changed or nothing was sent yet. */
  readonly texts: readonly string[] = $derived.by(() => {
    const { run } = this.document;
    return run && !this.edited ? run.snapshot.draft.texts : this.draft.texts;
  });

  /** The run that is shown sent other texts than the draft has. */
  readonly isOfOtherTexts: boolean = $derived.by(() => {
    const sent = this.document.run?.snapshot.draft.texts;
    if (!sent) return false;
    const { texts } = this.draft;
    return sent.length !== texts.length || sent.some((text, index) => text !== texts[index]);
  });

  get lane() {
    return this.document.draft.comparison.lanes[0] ?? null;
  }

  get otherLane() {
    return this.document.draft.comparison.lanes[1] ?? null;
  }

  /** The calls of a lane in the order of the texts. */
  cellsOf(lane: string | undefined): LiveCell[] {
    const cells = this.document.cells.filter((cell) => cell.head.lane === lane);
    return cells.sort((one, other) => (one.head.slice?.from ?? 0) - (other.head.slice?.from ?? 0));
  }

  /** Lanes as they were sent, which may not be those of the draft any more. */
  get sentLanes() {
    return this.document.run?.snapshot.lanes ?? [];
  }

  readonly failed: LiveCell[] = $derived.by(() =>
    this.document.cells.filter((cell) => !cell.isLive && cell.head.error !== null),
  );

  /** Vectors are shown only beside the texts that they are of. */
  readonly shown: Vectors | null = $derived(this.edited ? null : this.vectors);

  /** Rows in the order of the list. */
  readonly rows: number[] = $derived.by(() => {
    const { shown } = this;
    const count = shown ? shown.places.length : this.texts.length;
    const pasted = Array.from({ length: count }, (_, row) => row);
    if (!shown || this.order === 'pasted') return pasted;
    if (this.order === 'topic') return shown.pairs?.byTopic ?? pasted;
    const cosines = this.cosinesOfRow;
    if (!cosines) return pasted;
    const value = (row: number) =>
      row === this.row ? Infinity : Number.isNaN(cosines[row]) ? -Infinity : cosines[row]!;
    return pasted.sort((one, other) => value(other) - value(one));
  });

  get cosinesOfRow(): ArrayLike<number> | null {
    const { shown } = this;
    if (!shown?.square) return this.#byRow;
    const count = shown.places.length;
    return shown.square.subarray(this.row * count, (this.row + 1) * count);
  }

  cosine(one: number, other: number): number {
    const { shown } = this;
    return shown?.square?.[one * shown.places.length + other] ?? NaN;
  }

  /** The text of a row. */
  text(row: number): string {
    return this.texts[this.shown?.places[row] ?? row] ?? '';
  }

  /** The number that a row has in what was pasted, from 1. */
  number(row: number): number {
    return (this.shown?.places[row] ?? row) + 1;
  }

  select(row: number): void {
    if (row === this.row) return;
    this.row = row;
    void this.readNear();
  }

  // ---- sending

  startReason(): string | null {
    if (this.document.connections.length === 0) return 'No connection has embeddings. Add one under Connections';
    if (this.draft.texts.length === 0) return 'Add texts first';
    if (this.lane?.model === '') return 'Choose a model';
    if (this.document.isLive || this.document.isStarting) return 'It is running';
    return null;
  }

  async start(): Promise<void> {
    const { document } = this;
    if (this.startReason() !== null) return;
    const count = this.draft.texts.length;
    for (const lane of document.draft.comparison.lanes) document.draft.setServerProblems(lane.id, []);
    await document.start((sent) => {
      sent.lanes = sent.lanes.filter(({ model }) => model !== '');
    });
    if (document.error) return;
    this.edited = false;
    this.app.announce(`Embedding ${count === 1 ? '1 text' : `${count} texts`}`);
  }

  // ---- the draft

  setTexts(texts: string[]): void {
    this.draft.texts = texts;
    this.edited = this.document.run !== null;
    this.row = 0;
    this.pair = null;
    this.document.draft.touch();
  }

  /** Opens the dialog that adds texts, with what is there already. */
  add(offered: EmbeddingsView['offered'] = null): void {
    this.offered = offered;
    this.isAdding = true;
  }

  remove(row: number): void {
    const at = this.number(row) - 1;
    // What is on screen is what is edited.
    this.setTexts(this.texts.filter((_, index) => index !== at));
    this.row = Math.min(row, Math.max(0, this.draft.texts.length - 1));
  }

  /** Takes the texts of the run that is shown into the draft. */
  takeTexts(): void {
    this.draft.texts = [...(this.document.run?.snapshot.draft.texts ?? [])];
    this.edited = false;
    this.document.draft.touch();
  }

  setBatch(batch: number): void {
    this.draft.batch = batch;
    this.document.draft.touch();
  }

  /** A second model, chosen in the dialog that this id opens. */
  addLane(): string {
    const first = this.lane;
    const made = newLane(first?.connection ?? '', '', 'embed');
    this.document.draft.comparison.lanes.push(made);
    this.document.draft.touch();
    return made.id;
  }

  removeLane(): void {
    const { otherLane } = this;
    if (otherLane) this.document.draft.closeLane(otherLane.id);
    this.agreement = null;
  }

  // ---- reading

  /** Changes when there is something else to read. */
  readonly readable: string = $derived.by(() => {
    if (this.document.isLive) return 'live';
    return this.document.cells.map(({ id, head }) => `${id} ${head.outcome.media !== null}`).join();
  });

  async read(): Promise<void> {
    const asked = (this.#asked += 1);
    const before = this.vectors;
    this.vectors = null;
    this.map = this.mapWork = null;
    this.near = [];
    this.agreement = null;
    this.problem = this.agreementProblem = this.mapProblem = null;
    if (this.document.isLive || this.document.cells.length === 0) return this.#dropMaps(before, null);
    const [first, second] = this.sentLanes;
    this.isReading = true;
    try {
      const vectors = await this.#readVectors(first?.id);
      if (asked !== this.#asked) return;
      this.vectors = vectors;
      this.#dropMaps(before, vectors);
      if (!vectors) return;
      this.row = Math.min(this.row, Math.max(0, vectors.places.length - 1));
      this.pair = null;
      this.app.announce(`${vectors.facts.count} vectors, ${vectors.facts.dimensions} dimensions`);
      await Promise.all([this.readMap(), this.readNear(), this.#readAgreement(asked, vectors, second?.id)]);
    } catch (error) {
      if (asked === this.#asked) this.problem = describeError(error);
    } finally {
      if (asked === this.#asked) this.isReading = false;
    }
  }

  #answered(lane: string | undefined): LiveCell[] {
    return this.cellsOf(lane).filter(({ head }) => head.state.kind === 'finished' && head.outcome.media !== null);
  }

  async #readVectors(lane: string | undefined): Promise<Vectors | null> {
    const { host } = this.app;
    const answered = this.#answered(lane);
    if (answered.length === 0) return null;
    const cells = answered.map(({ id }) => id);
    const [facts, norms] = await Promise.all([host.vectorFacts(cells), host.vectorNorms(cells)]);
    const pairs = facts.count <= MOST_PAIRED ? await host.vectorPairs(cells, BARS) : null;
    const square = facts.count <= MOST_IN_MATRIX && facts.count > 0 ? await host.vectorSquare(cells) : null;
    const places = answered.flatMap(({ head }) => {
      const { media } = head.outcome;
      const count = media?.kind === 'vectors' ? media.count : 0;
      return Array.from({ length: count }, (_, index) => (head.slice?.from ?? 0) + index);
    });
    const texts = this.document.run?.snapshot.draft.texts ?? [];
    const topics = square && pairs ? topicsOf(square, pairs.byTopic) : places.map(() => 0);
    const ownTexts = places.map((place) => texts[place] ?? '');
    const names = square ? topicNames(ownTexts, topics) : [];
    return { cells, places, facts, norms, pairs, square, topics, names: names.length > 1 ? names : [] };
  }

  async #readAgreement(asked: number, vectors: Vectors, lane: string | undefined): Promise<void> {
    const others = this.#answered(lane).map(({ id }) => id);
    if (others.length === 0) return;
    try {
      const agreement = await this.app.host.vectorAgreement(vectors.cells, others, MOST_DISPUTED);
      if (asked === this.#asked) this.agreement = agreement;
    } catch (error) {
      if (asked === this.#asked) this.agreementProblem = describeError(error);
    }
  }

  async readMap(): Promise<void> {
    const { vectors, method } = this;
    const asked = (this.#mapAsked += 1);
    this.mapProblem = null;
    this.mapWork = null;
    if (!vectors || vectors.facts.count < 3) return;
    const isMeant = () => asked === this.#mapAsked && vectors === this.vectors;
    const looks = this.#watchMap({ cells: vectors.cells, method, share: null }, isMeant);
    try {
      const numbers = await this.app.host.vectorMap(vectors.cells, method);
      if (!isMeant()) return;
      if (numbers) {
        this.map = { method, explained: [numbers[0] ?? NaN, numbers[1] ?? NaN], points: numbers.subarray(2) };
        if (this.mapWork) this.app.announce('The map is made');
      } else {
        this.#mapStopped();
      }
    } catch (error) {
      if (!isMeant()) return;
      this.map = null;
      this.mapProblem = describeError(error);
    } finally {
      clearInterval(looks);
      if (isMeant()) this.mapWork = null;
    }
  }

  #watchMap(work: MapWork, isMeant: () => boolean): ReturnType<typeof setInterval> {
    return setInterval(() => {
      void this.app.host.vectorMapProgress(work.cells, work.method).then(
        (share) => {
          // Nothing when it has just been made: then it is on its way.
          if (isMeant() && share !== null) this.mapWork = { ...work, share };
        },
        () => {
          // The map itself tells what is wrong.
        },
      );
    }, MAP_LOOKS);
  }

  /** Ends the making of the map; the former one stays. */
  async stopMap(): Promise<void> {
    const { mapWork } = this;
    if (!mapWork) return;
    try {
      await this.app.host.stopVectorMap(mapWork.cells, mapWork.method);
    } catch (error) {
      this.app.report(error);
    }
  }

  #mapStopped(): void {
    this.app.announce('The map was stopped');
    if (this.map) this.method = this.map.method;
    else this.mapProblem = 'The map was stopped before there was one.';
  }

  /** Nobody looks at maps of vectors that are no longer shown. */
  #dropMaps(before: Vectors | null, now: Vectors | null): void {
    if (!before || before.cells.join() === now?.cells.join()) return;
    for (const method of METHODS) void this.app.host.stopVectorMap(before.cells, method).catch(() => {});
  }

  async readNear(): Promise<void> {
    const { vectors, row } = this;
    const asked = (this.#nearAsked += 1);
    if (!vectors || vectors.facts.count < 2) return;
    // The list is ordered by all of them where there is no matrix.
    const wanted = vectors.square || this.order !== 'row' ? MOST_NEAR : vectors.facts.count;
    try {
      const near = await this.app.host.vectorNeighbours(vectors.cells, row, wanted);
      if (asked !== this.#nearAsked || vectors !== this.vectors) return;
      this.near = near.slice(0, MOST_NEAR);
      this.#byRow = null;
      if (wanted <= MOST_NEAR) return;
      const cosines = Array.from({ length: vectors.places.length }, () => NaN);
      for (const { row: other, cosine } of near) cosines[other] = cosine;
      this.#byRow = cosines;
    } catch (error) {
      this.app.report(error);
    }
  }
}

let view: EmbeddingsView | null = null;

/** The one of the window: what is looked at stays while other sections are visited. */
export function embeddingsView(app: App): EmbeddingsView {
  if (view?.document !== app.media.embed) view = new EmbeddingsView(app);
  return view;
}
