// What the dialog of a new batch holds, or that of one whose settings change.
import type { BatchJob } from '../../bindings/BatchJob';
import type { BatchPlan } from '../../bindings/BatchPlan';
import type { BatchSource } from '../../bindings/BatchSource';
import type { Comparison } from '../../bindings/Comparison';
import type { Connection } from '../../bindings/Connection';
import { describeError } from '../../lib/app-error';
import { estimateTokens } from '../../lib/tokens-estimate';
import type { App } from '../../state/app.svelte';
import type { BatchesView } from './batches-view.svelte';
import { takesBatches } from './foreign-batches.svelte';

/** A file whose text the window has. A larger one is named by its path. */
interface GivenText {
  name: string;
  text: string;
}

/** Text that goes through the window at most; the app itself reads files of any size. */
export const MOST_TEXT = 64_000_000;

export class BatchForm {
  isOpen = $state(false);
  /** The batch whose settings these are; null makes a new one. */
  job: BatchJob | null = $state.raw(null);
  from: 'prompt' | 'file' = $state('prompt');
  name = $state('');
  connection = $state('');
  window = $state('24h');
  metadata: { name: string; value: string }[] = $state([]);
  delivery: 'inline' | 'url' = $state('inline');
  url = $state('');
  path = $state('');
  given: GivenText | null = $state.raw(null);
  /** Rows of the prompt's table that can be read; 1 without a table. */
  rows: number | null = $state(null);
  tableProblem: string | null = $state(null);
  problem: string | null = $state(null);
  isBusy = $state(false);
  /** The name was typed by the person. */
  isNamed = false;

  constructor(
    private readonly app: App,
    private readonly view: BatchesView,
  ) {}

  get connections(): Connection[] {
    return this.app.connections.filter(takesBatches);
  }

  get dialect(): Connection['dialect'] | null {
    return this.connections.find(({ id }) => id === this.connection)?.dialect ?? null;
  }

  /** The file travels with the request, or the provider reads it at an address. */
  readonly takesUrl: boolean = $derived(this.dialect === 'scaigridV1');
  readonly windows: readonly string[] = $derived(this.dialect === 'scaigridV1' ? ['24h', '4h', '1h'] : ['24h']);

  get comparison(): Comparison | null {
    const { comparison } = this.app.comparison;
    return this.app.comparison.isOpen ? comparison : null;
  }

  readonly lanes: number = $derived((this.comparison?.lanes ?? []).filter(({ muted }) => !muted).length);
  readonly requests: number | null = $derived(this.rows === null ? null : this.rows * this.lanes);

  /** Tokens that all requests take in, roughly: the texts as they are, with what the row at hand fills in. */
  readonly tokens: number | null = $derived.by(() => {
    if (this.requests === null) return null;
    const messages = (this.comparison?.draft.messages ?? []).filter(({ muted }) => !muted);
    const texts = messages.flatMap(({ content }) =>
      content.kind === 'text'
        ? [content.text]
        : content.kind === 'parts'
          ? content.parts.flatMap((part) => (part.kind === 'text' ? [part.text] : []))
          : [],
    );
    return this.requests * texts.reduce((sum, text) => sum + 4 + estimateTokens(text), 0);
  });

  open(from: 'prompt' | 'file' | null = null): void {
    this.job = null;
    this.from = from ?? (this.comparison ? 'prompt' : 'file');
    this.problem = null;
    this.isNamed = false;
    [this.name, this.path, this.given] = ['', '', null];
    this.metadata = [];
    [this.delivery, this.url, this.window] = ['inline', '', '24h'];
    const base = this.comparison?.lanes[0]?.connection;
    this.connection = (this.connections.find(({ id }) => id === base) ?? this.connections[0])?.id ?? '';
    this.isOpen = true;
    this.suggestName();
    void this.readTable();
  }

  edit(job: BatchJob): void {
    this.job = job;
    this.problem = null;
    [this.name, this.connection, this.window] = [job.name, job.connection, job.window ?? '24h'];
    this.metadata = job.metadata.map((entry) => ({ ...entry }));
    [this.delivery, this.url] = [job.url === null ? 'inline' : 'url', job.url ?? ''];
    this.isNamed = true;
    this.isOpen = true;
  }

  suggestName(): void {
    if (this.isNamed || this.job) return;
    const file = this.given?.name ?? this.path.split(/[/\\]/).at(-1) ?? '';
    this.name =
      this.from === 'prompt' ? (this.comparison?.name ?? '') : file.replace(/\.(jsonl|ndjson|json|txt)$/i, '');
  }

  async readTable(): Promise<void> {
    const dataset = this.comparison?.draft.dataset ?? null;
    this.tableProblem = null;
    this.rows = null;
    if (!dataset || dataset.off) {
      this.rows = this.comparison ? 1 : null;
      return;
    }
    try {
      const info = await this.app.host.openDataset(dataset.path);
      this.rows = info.rows - info.bad;
    } catch (error) {
      this.tableProblem = describeError(error);
    }
  }

  /** Takes a file that was chosen, dropped or pasted; `path` where the system tells it. */
  async takeFile(file: File, path: string | null): Promise<void> {
    this.problem = null;
    this.from = 'file';
    if (path !== null) {
      [this.path, this.given] = [path, null];
    } else if (file.size > MOST_TEXT) {
      this.problem = `${file.name} is too large to be taken so. Type its path instead.`;
      return;
    } else {
      this.given = { name: file.name, text: await file.text() };
    }
    this.suggestName();
  }

  takeText(text: string): void {
    this.problem = null;
    this.from = 'file';
    this.given = { name: 'Pasted.jsonl', text };
    this.suggestName();
  }

  get #source(): BatchSource | null {
    if (this.from === 'prompt')
      return this.comparison ? { kind: 'prompt', comparison: $state.snapshot(this.comparison) as Comparison } : null;
    if (this.given) return { kind: 'text', ...this.given };
    const path = this.path.trim();
    return path === '' ? null : { kind: 'file', path };
  }

  get reason(): string | null {
    if (this.job && this.job.state !== 'draft') return this.name.trim() === '' ? 'Give it a name' : null;
    if (this.connection === '') return 'No connection takes batches. Add one under Connections';
    if (this.name.trim() === '') return 'Give it a name';
    if (this.delivery === 'url' && this.takesUrl && this.url.trim() === '') return 'Give the address of the file';
    if (this.job) return null;
    if (this.from === 'file') return this.#source ? null : 'Choose a file, or paste its lines';
    if (!this.comparison) return 'No prompt is open in Compare';
    if (this.lanes === 0) return 'Every lane is muted';
    return this.tableProblem ?? null;
  }

  get #plan(): BatchPlan {
    return {
      name: this.name.trim(),
      connection: this.connection,
      window: this.windows.includes(this.window) ? this.window : (this.windows[0] ?? null),
      metadata: this.metadata
        .filter(({ name }) => name.trim() !== '')
        .map(({ name, value }) => ({ name: name.trim(), value })),
      url: this.delivery === 'url' && this.takesUrl ? this.url.trim() : null,
    };
  }

  async submit(): Promise<void> {
    if (this.isBusy || this.reason !== null) return;
    const source = this.#source;
    this.isBusy = true;
    this.problem = null;
    try {
      const plan = this.#plan;
      const job = this.job
        ? await this.app.host.planBatch(this.job.id, plan)
        : source && (await this.view.make(source, plan));
      if (job) this.view.take(job);
      this.isOpen = false;
    } catch (error) {
      this.problem = describeError(error);
    } finally {
      this.isBusy = false;
    }
  }
}
