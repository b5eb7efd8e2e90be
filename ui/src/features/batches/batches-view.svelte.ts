// The batches of the window: the list, the one that is open, and what is done with it. They are watched from the start on,
// so that the end of one is told wherever the person is.
import type { BatchCheck } from '../../bindings/BatchCheck';
import type { BatchFault } from '../../bindings/BatchFault';
import type { BatchJob } from '../../bindings/BatchJob';
import type { BatchMend } from '../../bindings/BatchMend';
import type { BatchNews } from '../../bindings/BatchNews';
import type { BatchPlan } from '../../bindings/BatchPlan';
import type { BatchSource } from '../../bindings/BatchSource';
import { count, plural } from '../../lib/format';
import type { App } from '../../state/app.svelte';
import { WatchedList } from '../../state/watched-list.svelte';
import { fileName, saveResults, type ResultsForm } from '../transfer/results';
import { BatchForm } from './batch-form.svelte';
import { BatchRowsView } from './batch-rows.svelte';
import { ForeignBatches } from './foreign-batches.svelte';
import { LiveTrials, MOST_LIVE } from './live-trials.svelte';
import { endWords, FILTERS, isOver, isWatched, STATES, type Filter } from './words';

type Work = 'send' | 'cancel' | 'retry' | 'ask';
type Place = 'find' | 'findRows' | 'rows' | 'send';

export class BatchesView extends WatchedList<BatchJob, Work, Place> {
  checks: Readonly<Record<string, BatchCheck>> = $state.raw({});
  filter: Filter = $state('all');
  rows: BatchRowsView | null = $state.raw(null);
  /** The line whose bytes are looked at. */
  openLine: number | null = $state(null);
  readonly foreign: ForeignBatches;
  readonly form: BatchForm;
  readonly trials: LiveTrials;

  constructor(app: App) {
    super(app, 'batches');
    this.foreign = new ForeignBatches(app, this);
    this.form = new BatchForm(app, this);
    this.trials = new LiveTrials(app);
  }

  protected override fits(job: BatchJob): boolean {
    return FILTERS.find(({ filter }) => filter === this.filter)?.fits(job) ?? true;
  }

  protected textsOf({ name, providerId, model, metadata }: BatchJob): string[] {
    return [name, providerId ?? '', model ?? '', ...metadata.map(({ value }) => value)];
  }

  protected nameOf({ name }: BatchJob): string {
    return name;
  }

  readonly check: BatchCheck | null = $derived(
    this.current?.state === 'draft' ? (this.checks[this.current.id] ?? null) : null,
  );

  readonly watched: number = $derived(this.all.filter(({ state }) => isWatched(state)).length);

  // ---- reading

  protected watch(): Promise<void> {
    return this.app.host.watchBatches((news) => this.#heard(news));
  }

  protected read(): Promise<BatchJob[]> {
    return this.app.host.batches();
  }

  #heard(news: BatchNews): void {
    if (news.kind === 'check') {
      this.#take(news.id, news.check);
    } else if (news.kind === 'gone') {
      this.forgotten(news.id);
    } else if (news.kind === 'trial') {
      this.trials.heard(news.id, news.trial);
    } else {
      this.#changed(news.batch);
    }
  }

  #changed(job: BatchJob): void {
    const before = this.put(job);
    if (before && !isOver(before.state) && before.state !== 'draft' && isOver(job.state))
      this.tellEnd(endWords(job), job, job.state === 'finished' ? 'info' : 'warn');
    if (job.id === this.currentId && job.state !== 'draft') this.readSoon();
  }

  #take(id: string, check: BatchCheck): void {
    const wasDone = this.checks[id]?.done ?? false;
    this.checks = { ...this.checks, [id]: check };
    if (!check.done || wasDone || id !== this.currentId) return;
    const faults = check.faultCount === 0 ? 'no line needs a look' : `${plural(check.faultCount, 'line')} need a look`;
    this.app.announce(`Checked ${plural(check.lines, 'line')}, ${faults}`);
  }

  protected readAgain(): void {
    this.rows?.refresh();
  }

  protected close(): void {
    this.rows = null;
  }

  // ---- choosing

  select(id: string): void {
    if (id === this.currentId && this.rows?.batch === id) return;
    this.currentId = id;
    this.openLine = null;
    const rows = new BatchRowsView(this.app, id);
    const state = this.current?.state;
    if (state === 'unknown' || state === 'refused') rows.tab = 'requests';
    this.rows = rows;
    // A draft has no rows before the file is written that is sent.
    if (state !== 'draft') rows.refresh();
    else {
      if (!this.checks[id]?.done) void this.#readCheck(id);
      void this.trials.read(id);
    }
  }

  async #readCheck(id: string): Promise<void> {
    try {
      const check = await this.app.host.batchCheck(id);
      if (!this.checks[id]?.done) this.#take(id, check);
    } catch (error) {
      this.app.report(error);
    }
  }

  counted(filter: Filter): number {
    const fits = FILTERS.find((one) => one.filter === filter)?.fits;
    return fits ? this.all.filter(fits).length : 0;
  }

  // ---- one batch

  /** Takes a batch as a command gave it; news may have told the same before. */
  take(job: BatchJob): void {
    this.put(job);
  }

  async make(source: BatchSource, plan: BatchPlan): Promise<BatchJob> {
    const job = await this.app.host.makeBatch(source, plan);
    this.take(job);
    [this.filter, this.find] = ['all', ''];
    this.show(job.id);
    this.wanted = 'send';
    return job;
  }

  get sendReason(): string | null {
    if (this.current?.state !== 'draft') return 'Only a draft can be sent';
    if (!this.check) return 'The file is not read yet';
    if (!this.check.done) return 'The file is being read';
    if (this.check.sent === 0) return 'No line can be sent';
    return this.busy === null ? null : 'Something is under way';
  }

  get liveReason(): string | null {
    if (this.sendReason !== null) return this.sendReason;
    if (this.trials.wanted === null) return `Send between 1 and ${MOST_LIVE} lines live`;
    return this.trials.isUnderWay(this.currentId ?? '') ? 'Lines are being sent live' : null;
  }

  async send(): Promise<void> {
    const { current, check } = this;
    if (!current || this.sendReason !== null) return;
    await this.run('send', async () => {
      const job = await this.app.host.sendBatch(current.id);
      this.take(job);
      if (job.state !== 'unknown' && job.state !== 'refused')
        this.app.announce(`Sent ${plural(check?.sent ?? 0, 'row')} to ${this.connectionName(job.connection)}`);
      this.rows?.refresh();
    });
  }

  async leaveOut(): Promise<void> {
    const { current } = this;
    if (!current) return;
    try {
      this.#take(current.id, await this.app.host.leaveOutFaults(current.id));
      this.app.announce(`Every line with a fault is left out, ${count(this.check?.sent)} will be sent`);
    } catch (error) {
      this.app.report(error);
    }
  }

  async mend({ line }: BatchFault, mend: BatchMend | null): Promise<void> {
    const { current } = this;
    if (!current) return;
    try {
      this.#take(current.id, await this.app.host.mendBatchLine(current.id, line, mend));
      const what = mend === null ? 'as it was' : mend.kind === 'leaveOut' ? 'left out' : mend.label.toLowerCase();
      this.app.announce(`Line ${count(line)}: ${what}`);
    } catch (error) {
      this.app.report(error);
    }
  }

  get failures(): number {
    return this.rows?.head?.failures ?? this.current?.counts.failed ?? 0;
  }

  get retryReason(): string | null {
    if (!this.current) return 'No batch is open';
    if (this.failures === 0 || this.current.state === 'draft') return 'No row failed';
    return this.busy === null ? null : 'Something is under way';
  }

  /** Failed rows as a new batch, which is looked at before it is sent: the chosen ones, else all. */
  async retry(): Promise<void> {
    const { current, rows } = this;
    if (!current || this.retryReason !== null) return;
    const lines = rows && rows.failed.size > 0 ? [...rows.failed].sort((a, b) => a - b) : null;
    await this.run('retry', async () => {
      const { connection, window, metadata } = current;
      const name = this.freeName(`${current.name}, failures`);
      const plan = { name, connection, window, metadata: metadata.map((entry) => ({ ...entry })), url: null };
      await this.make({ kind: 'failures', batch: current.id, lines }, plan);
    });
  }

  get cancelReason(): string | null {
    if (!this.current) return 'No batch is open';
    const { state } = this.current;
    if (state === 'cancelling') return 'It is being cancelled';
    if (!isWatched(state)) return 'It is not under way';
    return this.busy === null ? null : 'Something is under way';
  }

  get askReason(): string | null {
    if (!this.current) return 'No batch is open';
    const { state, fetched } = this.current;
    if (!isWatched(state) && state !== 'unknown' && (fetched || state === 'draft')) return 'There is nothing to ask';
    return this.busy === null ? null : 'Something is under way';
  }

  get saveReason(): string | null {
    const job = this.current;
    if (!job) return 'No batch is open';
    return job.fetched || job.counts.done + job.counts.failed > 0 ? null : 'No row is over yet';
  }

  cancel(): void {
    const { current } = this;
    if (!current || this.cancelReason !== null) return;
    const over = current.counts.done + current.counts.failed;
    this.ask({
      title: 'Cancel this batch?',
      text: `${over === 0 ? 'No row is' : `${plural(over, 'row is', 'rows are')}`} over. Finished rows are kept, the others are not answered any more. This cannot be taken back.`,
      answer: 'Cancel batch',
      run: () => this.run('cancel', async () => this.take(await this.app.host.cancelBatch(current.id))),
    });
  }

  /** For a batch whose first answer never came. */
  sendAgain(): void {
    const { current } = this;
    if (current?.state !== 'unknown') return;
    const where = this.connectionName(current.connection);
    this.ask({
      title: 'Send this batch again?',
      text: `${where} may have it already. Then ${plural(current.counts.total, 'row')} would be worked on twice, and paid twice.`,
      answer: 'Send again',
      run: () => this.run('send', async () => this.take(await this.app.host.sendBatchAgain(current.id))),
    });
  }

  async askNow(): Promise<void> {
    const { current } = this;
    if (!current) return;
    await this.run('ask', async () => {
      const job = await this.app.host.askBatchNow(current.id);
      this.take(job);
      if (current.state === 'unknown' && job.state === 'unknown')
        this.app.toast(`${this.connectionName(job.connection)} lists no batch like this one`);
    });
  }

  forget(): void {
    const { current } = this;
    if (!current) return;
    const { live } = STATES[current.state];
    const kept = current.providerId === null ? '' : ' What the provider has stays there.';
    this.ask({
      title: current.state === 'draft' ? 'Delete this draft?' : 'Forget this batch?',
      text:
        current.state === 'draft'
          ? 'Its file and what was chosen for its lines are deleted. Nothing was sent.'
          : `Its requests and results are deleted here${live ? ', and nobody asks about it any more' : ''}.${kept}`,
      answer: current.state === 'draft' ? 'Delete draft' : 'Forget',
      run: async () => {
        await this.app.host.dropBatch(current.id);
        this.forgotten(current.id);
        this.app.announce(`${current.name} is gone`);
      },
    });
  }

  async save(form: ResultsForm): Promise<void> {
    const { current } = this;
    if (!current) return;
    const name = `${fileName(current.name, 'batch')}.${form}`;
    await saveResults(this.app, name, 'row', (path) => this.app.host.saveBatch(current.id, path));
  }
}

let view: BatchesView | null = null;

/** The one of the window. */
export function batchesView(app: App): BatchesView {
  if (view?.app !== app) view = new BatchesView(app);
  return view;
}
