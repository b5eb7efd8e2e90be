// The part of the memory host that runs matrices: cells end over time, as those of the engine do.
import type { Matrix } from '../../bindings/Matrix';
import type { MatrixBase } from '../../bindings/MatrixBase';
import type { MatrixNews } from '../../bindings/MatrixNews';
import type { MatrixPlan } from '../../bindings/MatrixPlan';
import type { MatrixState } from '../../bindings/MatrixState';
import type { Run } from '../../bindings/Run';
import { newId } from '../../lib/ids';
import type { Host } from '../host';
import type { MemoryHost } from '../memory';
import type { MemoryDatasets } from './datasets';
import { allCells, cellsOf, changesOf, figuresOf, type KeptMatrix } from './matrix-cells';
import { countOf, rowsOf, type TableFacts } from './matrix-plans';
import { rowRun } from './matrix-runs';
import { sampleMatrices } from './matrix-samples';
import type { MemoryOptions } from './options';

type MatrixCalls =
  | 'matrices'
  | 'matrix'
  | 'saveMatrix'
  | 'countMatrix'
  | 'startMatrix'
  | 'pauseMatrix'
  | 'retryMatrixFailures'
  | 'dropMatrix'
  | 'matrixCells'
  | 'matrixFigures'
  | 'matrixChanges'
  | 'saveMatrixResults'
  | 'writeMatrixFile'
  | 'readMatrixFile'
  | 'watchMatrices';

export interface MatricesHost extends Pick<Host, MatrixCalls> {
  /** Ends so many more cells; the last one ends the matrix. */
  advance(id: string, cells: number): void;
  /** The run of a row, where the id is of one. */
  run(id: string): Run | null;
}

const TICK = 250;
const HOUR = 3_600_000;

const copy = <T>(value: T): T => structuredClone(value);
const notFound = () => ({ kind: 'notFound' as const, what: 'The matrix' });

export function matricesHost(host: MemoryHost, datasets: MemoryDatasets, options: MemoryOptions): MatricesHost {
  const kept = new Map<string, KeptMatrix>();
  const timers = new Map<string, ReturnType<typeof setInterval>>();
  let tell: ((news: MatrixNews) => void) | null = null;

  const tableOf = ({ comparison }: MatrixPlan): TableFacts | null => {
    const { dataset } = comparison.draft;
    return dataset && !dataset.off ? datasets.open(dataset.path) : null;
  };
  const count = (plan: MatrixPlan) => countOf(plan, () => tableOf(plan));

  function keep(id: string, plan: MatrixPlan, madeAt: number): KeptMatrix {
    const counted = count(plan);
    const isDraftTable = counted.problems.length > 0;
    const table = isDraftTable ? null : tableOf(plan);
    const path = plan.comparison.draft.dataset?.path ?? '';
    const made: KeptMatrix = {
      matrix: {
        id,
        plan: copy(plan),
        state: 'draft',
        problem: null,
        variants: counted.variants,
        counts: { total: counted.cells, inFlight: 0, finished: 0, failed: 0, passed: 0, notPassed: 0, notJudged: 0 },
        spent: null,
        currency: counted.currency,
        slowedTo: null,
        madeAt,
        startedAt: null,
        endedAt: null,
        progress: [],
      },
      rows: isDraftTable ? [] : rowsOf(plan.rows, table),
      columns: table?.columns ?? [],
      valuesOf: (row) => (table ? (datasets.rows(path, row, 1)[0]?.cells ?? []).map((value) => value ?? '') : []),
      over: 0,
      flying: 0,
      retried: new Set(),
    };
    kept.set(id, made);
    return made;
  }

  /** Counts again, and says so. */
  function changed(found: KeptMatrix, patch: Partial<Matrix> = {}): Matrix {
    const cells = allCells(found).filter(({ state }) => state !== 'inFlight');
    const finished = cells.filter(({ state }) => state === 'finished');
    found.matrix = {
      ...found.matrix,
      counts: {
        total: found.matrix.counts.total,
        inFlight: found.flying,
        finished: finished.length,
        failed: cells.length - finished.length,
        passed: finished.filter(({ passed }) => passed === true).length,
        notPassed: finished.filter(({ passed }) => passed === false).length,
        notJudged: 0,
      },
      spent: found.matrix.currency === null ? null : finished.reduce((sum, { cost }) => sum + (cost ?? 0), 0),
      ...patch,
    };
    tell?.({ kind: 'changed', matrix: copy(found.matrix) });
    return copy(found.matrix);
  }

  const get = (id: string): KeptMatrix => {
    const found = kept.get(id);
    if (!found) throw notFound();
    return found;
  };

  function stand(id: string, state: MatrixState): void {
    const timer = timers.get(id);
    if (timer !== undefined) clearInterval(timer);
    timers.delete(id);
    const found = get(id);
    found.flying = 0;
    changed(found, { state, endedAt: Date.now() });
  }

  function advance(id: string, by: number): void {
    const found = get(id);
    const { total } = found.matrix.counts;
    const { budget, inFlight } = found.matrix.plan.limits;
    found.over = Math.min(total, found.over + by);
    found.flying = Math.min(inFlight, total - found.over);
    const now = Date.now();
    const progress = [...found.matrix.progress.slice(-239), { at: now, over: found.over }];
    const { spent } = changed(found, { progress });
    if (found.over === total) stand(id, 'finished');
    else if (budget !== null && (spent ?? 0) >= budget) stand(id, 'overBudget');
  }

  function run(id: string): void {
    const found = get(id);
    found.flying = Math.min(found.matrix.plan.limits.inFlight, found.matrix.counts.total - found.over);
    const now = Date.now();
    changed(found, {
      state: 'running',
      problem: null,
      startedAt: found.matrix.startedAt ?? now,
      endedAt: null,
      progress: [...found.matrix.progress, { at: now, over: found.over }],
    });
    const step = Math.max(1, Math.round(found.matrix.counts.total / 120));
    timers.set(
      id,
      setInterval(() => advance(id, step), TICK),
    );
  }

  const base = (id: string, given: MatrixBase | null): [MatrixBase, KeptMatrix | null] => {
    const wanted = given ?? { kind: 'variant', index: 0 };
    return [wanted, wanted.kind === 'matrix' && wanted.id !== id ? get(wanted.id) : null];
  };

  const now = Date.now();
  for (const { id, plan, state, over, hoursAgo } of options.firstStart
    ? []
    : sampleMatrices(options.matrixCells ?? 0)) {
    const made = keep(id, plan, now - hoursAgo * HOUR);
    if (state === 'draft') continue;
    made.over = Math.round(made.matrix.counts.total * over);
    const startedAt = now - hoursAgo * HOUR;
    changed(made, { state, startedAt, endedAt: startedAt + 12 * 60_000 });
  }

  return {
    advance,
    run(id) {
      const [, matrix, row] = /^(.*)-row(\d+)$/.exec(id) ?? [];
      const found = matrix === undefined ? undefined : kept.get(matrix);
      return found ? rowRun(host, found, Number(row)) : null;
    },
    async matrices() {
      return [...kept.values()].map(({ matrix }) => copy(matrix)).sort((a, b) => b.madeAt - a.madeAt);
    },
    async matrix(id) {
      return copy(get(id).matrix);
    },
    async saveMatrix(id, plan) {
      const known = id === null ? null : get(id);
      if (known && known.matrix.state !== 'draft') {
        const { name, limits } = plan;
        return changed(known, { plan: { ...known.matrix.plan, name, limits: copy(limits) } });
      }
      return changed(keep(id ?? newId(), plan, known?.matrix.madeAt ?? Date.now()));
    },
    async countMatrix(plan) {
      return count(plan);
    },
    async startMatrix(id) {
      const found = get(id);
      const [problem] = count(found.matrix.plan).problems;
      if (found.matrix.state === 'draft' && problem !== undefined)
        throw { kind: 'invalid', field: 'plan', message: problem };
      if (found.matrix.state !== 'running') run(id);
      return copy(found.matrix);
    },
    async pauseMatrix(id) {
      stand(id, 'paused');
      return copy(get(id).matrix);
    },
    async retryMatrixFailures(id) {
      const found = get(id);
      allCells(found).forEach(({ state }, number) => state === 'failed' && found.retried.add(number));
      run(id);
      return copy(found.matrix);
    },
    async dropMatrix(id) {
      const timer = timers.get(id);
      if (timer !== undefined) clearInterval(timer);
      kept.delete(id);
      tell?.({ kind: 'gone', id });
    },
    async matrixCells(id, query) {
      const found = cellsOf(get(id), query);
      return { ...found, cells: found.cells.map((cell) => ({ ...cell, gone: host.deletedRuns.has(cell.run) })) };
    },
    async matrixFigures(id, given) {
      const [wanted, other] = base(id, given);
      return figuresOf(get(id), wanted, other);
    },
    async matrixChanges(id, given, from, most) {
      const [wanted, other] = base(id, given);
      return changesOf(get(id), wanted, other, from, most);
    },
    async saveMatrixResults(id, path) {
      const cells = allCells(get(id));
      const file = host.files.find((one) => one.path === path);
      if (file) file.text = cells.map((cell) => JSON.stringify(cell)).join('\n');
      return cells.length;
    },
    async writeMatrixFile(id, path) {
      const file = host.files.find((one) => one.path === path);
      if (file) file.text = JSON.stringify(get(id).matrix.plan, null, 2);
    },
    async readMatrixFile(path) {
      const file = host.files.find((one) => one.path === path);
      if (!file) throw { kind: 'storage', message: `There is no file ${path}.` };
      return JSON.parse(file.text) as MatrixPlan;
    },
    async watchMatrices(onNews) {
      tell = onNews;
    },
  };
}
