// The matrices of the window: the list, the one that is open, and what is done with it. They are watched from the start
// on, so that the end of one is told wherever the person is.
import type { Matrix } from '../../bindings/Matrix';
import type { MatrixLimits } from '../../bindings/MatrixLimits';
import type { MatrixNews } from '../../bindings/MatrixNews';
import type { MatrixPlan } from '../../bindings/MatrixPlan';
import { plural } from '../../lib/format';
import type { App } from '../../state/app.svelte';
import { MAX_LANES, structuredCloneOf } from '../../state/comparison/lanes';
import { WatchedList } from '../../state/watched-list.svelte';
import { savePlan, saveResults, type MatrixForm } from './matrix-files';
import { MatrixDraft } from './matrix-draft.svelte';
import { MatrixResults } from './matrix-results.svelte';
import { endWords, GONE, leftOf, retryWords, STATES } from './words';

type Work = 'start' | 'pause' | 'retry' | 'make';
type Place = 'find' | 'findCells' | 'cells' | 'start' | 'name';

export class MatricesView extends WatchedList<Matrix, Work, Place> {
  draft: MatrixDraft | null = $state.raw(null);
  results: MatrixResults | null = $state.raw(null);
  dialog: 'prompts' | 'settings' | 'file' | 'lanes' | null = $state(null);
  /** The row whose answers are going to be lanes. */
  row: { run: string; row: number; variant: number } | null = $state.raw(null);
  constructor(app: App) {
    super(app, 'matrix');
    app.savesWith(async () => this.draft?.flush());
  }

  protected textsOf({ plan, variants, state }: Matrix): string[] {
    const models = new Set(variants.map(({ model }) => model));
    return [plan.name, plan.comparison.name, STATES[state].word, ...models];
  }

  protected nameOf({ plan }: Matrix): string {
    return plan.name;
  }

  readonly running: number = $derived(this.all.filter(({ state }) => state === 'running').length);

  // ---- reading

  protected watch(): Promise<void> {
    return this.app.host.watchMatrices((news) => this.#heard(news));
  }

  protected read(): Promise<Matrix[]> {
    return this.app.host.matrices();
  }

  #heard(news: MatrixNews): void {
    if (news.kind === 'gone') this.forgotten(news.id);
    else this.take(news.matrix);
  }

  /** Takes a matrix as a command or the news gave it. */
  take(matrix: Matrix): void {
    const before = this.put(matrix);
    if (before?.state === 'running' && matrix.state !== 'running') this.#ended(matrix);
    if (matrix.id !== this.currentId || matrix.state === 'draft') return;
    if (this.draft) this.#showResults(matrix.id);
    else this.readSoon();
  }

  #ended(matrix: Matrix): void {
    if (matrix.id === this.currentId) this.results?.refresh();
    const words = endWords(matrix);
    if (words === null) return;
    if (matrix.state === 'paused') this.app.announce(words);
    else this.tellEnd(words, matrix, matrix.state === 'finished' ? 'info' : 'warn');
  }

  protected readAgain(): void {
    this.results?.refresh();
  }

  protected close(): void {
    this.draft?.leave();
    this.draft = null;
    this.results = null;
  }

  // ---- choosing

  select(id: string): void {
    if (id === this.currentId && (this.draft?.id ?? this.results?.matrix) === id) return;
    this.#leaveDraft();
    this.currentId = id;
    const { current } = this;
    if (current?.state === 'draft') {
      this.results = null;
      this.draft = new MatrixDraft(this.app, current, (saved) => this.take(saved));
    } else this.#showResults(id);
  }

  /** What was typed last is there at once when the draft is opened again, though it is saved a moment later. */
  #leaveDraft(): void {
    const { draft } = this;
    if (!draft) return;
    const plan = structuredCloneOf(draft.plan);
    this.all = this.all.map((one) => (one.id === draft.id ? { ...one, plan } : one));
    void draft.flush();
    this.draft = null;
  }

  #showResults(id: string): void {
    this.draft?.leave();
    this.draft = null;
    this.results = new MatrixResults(this.app, id);
    this.results.refresh();
  }

  // ---- making

  get newReason(): string | null {
    return this.app.comparison.isOpen ? null : 'Open a prompt in Compare first';
  }

  /** A draft of the prompt that is open in Compare, with its lanes, its table and its checks. */
  async make(): Promise<void> {
    if (this.newReason !== null) return;
    const comparison = structuredCloneOf(this.app.comparison.comparison);
    await this.keep({
      name: this.freeName(comparison.name || 'Matrix'),
      comparison,
      prompts: [],
      axes: [],
      rows: { kind: 'all' },
      limits: { inFlight: 8, perMinute: null, budget: null },
    });
  }

  /** The plan of the one that is open as a new draft. */
  async copy(): Promise<void> {
    const { current } = this;
    if (!current) return;
    await this.draft?.flush();
    const plan = structuredCloneOf(this.current?.plan ?? current.plan);
    await this.keep({ ...plan, name: this.freeName(plan.name || 'Matrix') });
  }

  async keep(plan: MatrixPlan): Promise<void> {
    await this.run('make', async () => {
      const made = await this.app.host.saveMatrix(null, plan);
      this.take(made);
      this.find = '';
      this.show(made.id);
      this.wanted = 'name';
      this.app.announce(`${made.plan.name} is a draft. Nothing was sent yet`);
    });
  }

  // ---- running

  get startReason(): string | null {
    const { current, draft } = this;
    if (!current) return 'No matrix is open';
    if (draft) {
      if (draft.problem !== null) return draft.problem;
      if (draft.count === null) return 'It is being counted';
      return draft.count.problems[0] ?? (this.busy === null ? null : 'Something is under way');
    }
    if (current.state === 'running') return 'It is running';
    if (leftOf(current) === 0) return 'No cell is missing';
    const { budget } = current.plan.limits;
    if (budget !== null && current.spent !== null && current.spent >= budget) return 'Raise the budget first';
    return this.busy === null ? null : 'Something is under way';
  }

  /** Begins a draft, or goes on with what is missing. */
  async start(): Promise<void> {
    const { current, draft } = this;
    if (!current || this.startReason !== null) return;
    await this.run('start', async () => {
      await draft?.flush();
      if (draft && draft.problem !== null) return;
      const calls = draft?.count?.cells ?? leftOf(current);
      this.take(await this.app.host.startMatrix(current.id));
      this.app.announce(`${current.plan.name} runs, ${plural(calls, 'call')} to go`);
    });
  }

  get pauseReason(): string | null {
    const { current } = this;
    if (!current) return 'No matrix is open';
    const flying = current.state !== 'draft' && current.counts.inFlight > 0;
    return current.state === 'running' || flying ? null : 'It is not running';
  }

  /** Lets calls in flight end; a second time stops them. */
  async pause(): Promise<void> {
    const { current } = this;
    if (!current || this.pauseReason !== null) return;
    await this.run('pause', async () => this.take(await this.app.host.pauseMatrix(current.id)));
  }

  get retryReason(): string | null {
    const { current } = this;
    if (!current) return 'No matrix is open';
    if (retryWords(current) === null) return 'No cell failed';
    return this.busy === null ? null : 'Something is under way';
  }

  async retry(): Promise<void> {
    const { current } = this;
    if (!current || this.retryReason !== null) return;
    await this.run('retry', async () => {
      this.take(await this.app.host.retryMatrixFailures(current.id));
      const { failed, notJudged } = current.counts;
      this.app.announce(
        failed > 0
          ? `${plural(failed, 'failed cell is', 'failed cells are')} sent again`
          : `${plural(notJudged, 'answer is', 'answers are')} judged again`,
      );
    });
  }

  /** Of one that began only the name and the limits change. */
  async plan(name: string, limits: MatrixLimits): Promise<void> {
    const { current } = this;
    if (!current) return;
    const plan = { ...structuredCloneOf(current.plan), name, limits };
    this.take(await this.app.host.saveMatrix(current.id, plan));
  }

  forget(): void {
    const { current } = this;
    if (!current) return;
    const isDraft = current.state === 'draft';
    this.ask({
      title: isDraft ? 'Delete this draft?' : 'Forget this matrix?',
      text: isDraft
        ? 'What was chosen for it is deleted. Nothing was sent.'
        : `${current.state === 'running' ? 'It is stopped. ' : ''}Its list of cells is deleted. Their answers stay in the history, a run for each row.`,
      answer: isDraft ? 'Delete draft' : 'Forget',
      run: async () => {
        this.draft?.leave();
        await this.app.host.dropMatrix(current.id);
        this.forgotten(current.id);
        this.app.announce(`${current.plan.name} is gone`);
      },
    });
  }

  // ---- files

  get saveReason(): string | null {
    const { current } = this;
    if (!current) return 'No matrix is open';
    return current.counts.finished + current.counts.failed > 0 ? null : 'No cell is over yet';
  }

  async save(form: MatrixForm): Promise<void> {
    if (this.current && this.saveReason === null) await saveResults(this.app, this.current, form);
  }

  async saveFile(): Promise<void> {
    await this.draft?.flush();
    if (this.current) await savePlan(this.app, this.current);
  }

  /** Throws what the host throws. */
  async openFile(path: string): Promise<void> {
    const plan = await this.app.host.readMatrixFile(path.trim());
    await this.keep({ ...plan, name: this.freeName(plan.name || 'Matrix') });
  }

  // ---- to Compare

  /** A cell among the other answers of its row. */
  async openCell({ run, cell, gone }: { run: string; cell: string; gone?: boolean }): Promise<void> {
    if (gone) this.app.announce(GONE);
    else await this.app.openRun(run, cell);
  }

  /** A cell's exchange, to the byte. */
  async inspect(cell: { run: string; cell: string; gone?: boolean }): Promise<void> {
    await this.openCell(cell);
    if (this.app.section === 'compare') this.app.inspector.show('response');
  }

  /** All variants of a row as lanes; which of them is asked where they are too many. */
  async openRow(cell: { run: string; row: number; variant: number; gone?: boolean }): Promise<void> {
    if (cell.gone) return this.app.announce(GONE);
    this.row = cell;
    if ((this.current?.variants.length ?? 0) > MAX_LANES) this.dialog = 'lanes';
    else await this.app.openRun(cell.run);
  }
}

let view: MatricesView | null = null;

/** The one of the window. */
export function matricesView(app: App): MatricesView {
  if (view?.app !== app) view = new MatricesView(app);
  return view;
}
