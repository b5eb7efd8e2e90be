// The document of a section of vectors, pictures or sounds: what is asked for, and the run that shows its answers. It is
// a comparison like those of Compare, so that its calls are recorded, found, exported and tried again as theirs.
import type { AppError } from '../bindings/AppError';
import type { Comparison } from '../bindings/Comparison';
import type { ComparisonSummary } from '../bindings/ComparisonSummary';
import type { Connection } from '../bindings/Connection';
import type { EndpointKind } from '../bindings/EndpointKind';
import type { Lane } from '../bindings/Lane';
import type { Run } from '../bindings/Run';
import type { RunSummary } from '../bindings/RunSummary';
import { describeError } from '../lib/app-error';
import type { App } from './app.svelte';
import { ComparisonController } from './comparison.svelte';
import { newComparison, newLane } from './comparison/new';
import { Documents } from './documents';
import type { LiveCell } from './runs/live-cell.svelte';

export type MediaEndpoint = Extract<EndpointKind, 'embed' | 'image' | 'transcribe' | 'synthesize'>;

const NAMES: readonly EndpointKind[] = ['embed', 'image', 'transcribe', 'synthesize'] satisfies MediaEndpoint[];

/** Whether a document of this endpoint has a section of its own. */
export function isOfMedia(endpoint: EndpointKind): endpoint is MediaEndpoint {
  return NAMES.includes(endpoint);
}

/** What a new document of each endpoint is called. */
const NEW_NAMES: Record<MediaEndpoint, string> = {
  embed: 'Texts',
  image: 'Pictures',
  transcribe: 'Transcripts',
  synthesize: 'Speech',
};

export class MediaDocument {
  /** The draft and its lanes, saved while they are edited. */
  readonly draft: ComparisonController;
  /** Every document of this endpoint, as a list has them. */
  readonly documents: Documents;
  /** The run whose answers are on screen. */
  run: Run | null = $state.raw(null);
  cells: LiveCell[] = $state.raw([]);
  isStarting = $state(false);
  /** Why the last press of the button started nothing. */
  error: AppError | null = $state.raw(null);
  #opening = 0;

  constructor(
    private readonly app: App,
    readonly endpoint: MediaEndpoint,
  ) {
    this.draft = new ComparisonController(app.host, app);
    this.draft.onSaved = (summary) => app.comparisonSaved(summary);
    this.documents = new Documents(app, this);
  }

  /** Every document of this endpoint, the one saved last first. */
  get rows(): ComparisonSummary[] {
    return this.app.allComparisons.filter(({ endpoint }) => endpoint === this.endpoint);
  }

  /** The runs of the document that is open, newest first, as far as their rows were read. */
  get runs(): RunSummary[] {
    const id = this.draft.comparison.id;
    return this.app.recentRuns.filter((run) => run.comparison === id);
  }

  /** Connections whose server has this endpoint. */
  get connections(): Connection[] {
    return this.app.connections.filter(({ dialect }) =>
      this.app.tables.some((table) => table.dialect === dialect && table.endpoint === this.endpoint),
    );
  }

  get lane(): Lane | null {
    return this.draft.comparison.lanes[0] ?? null;
  }

  get isLive(): boolean {
    return this.cells.some((cell) => cell.isLive);
  }

  /** Shows the document that was open last, or a new one. */
  async enter(): Promise<void> {
    // A page is made while its document is on the way.
    if (this.draft.isOpen || this.#opening > 0) return;
    const [newest] = this.rows;
    if (newest) await this.open(newest.id);
    else this.create();
  }

  async open(id: string): Promise<void> {
    this.#opening += 1;
    try {
      await this.draft.flush();
      this.show(await this.app.host.openComparison(id));
      const [last] = this.runs;
      if (last) await this.showRun(last.id);
    } catch (error) {
      this.app.report(error);
    } finally {
      this.#opening -= 1;
    }
  }

  /** A document that asks for nothing yet, on the connection and with the model that were used last. */
  create(change: (made: Comparison) => void = () => {}): void {
    const before = this.draft.isOpen ? this.lane : null;
    const connection = before?.connection ?? this.connections[0]?.id ?? '';
    const lane = newLane(connection, before?.model ?? '', this.endpoint);
    const made = newComparison(this.app.freeName(NEW_NAMES[this.endpoint]), lane, null);
    made.draft.messages = made.draft.messages.filter(({ role }) => role === 'user');
    change(made);
    this.show(made);
    this.draft.touch();
  }

  /** Opens a document without answers. */
  show(comparison: Comparison): void {
    this.#leave();
    this.draft.open(comparison);
  }

  async showRun(id: string): Promise<void> {
    this.#leave();
    const { run, cells } = await this.app.runs.openApart(id);
    [this.run, this.cells] = [run, cells];
  }

  /** Sends every lane, or what `change` makes of the document for this once. */
  async start(change: (sent: Comparison) => void = () => {}): Promise<void> {
    if (this.isStarting) return;
    this.isStarting = true;
    this.error = null;
    try {
      await this.draft.flush();
      const sent = this.draft.snapshot();
      change(sent);
      const { run, cells } = await this.app.runs.startApart(sent);
      this.#leave(run.summary.id);
      [this.run, this.cells] = [run, cells];
    } catch (error) {
      this.error = error as AppError;
      this.app.announce(describeError(error));
    } finally {
      this.isStarting = false;
    }
  }

  async stop(): Promise<void> {
    if (this.run) await this.app.host.stopRun(this.run.summary.id);
  }

  #leave(next: string | null = null): void {
    const before = this.run?.summary.id;
    if (before && before !== next) this.app.runs.leaveApart(before);
    this.run = null;
    this.cells = [];
  }
}
