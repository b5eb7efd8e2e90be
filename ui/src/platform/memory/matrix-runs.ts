// The runs of a matrix, one for each row, as the lanes and the inspector want them.
import type { Cell } from '../../bindings/Cell';
import type { Run } from '../../bindings/Run';
import type { MemoryHost } from '../memory';
import { cellOf, figuresOfCell, runId, textOf, type KeptMatrix } from './matrix-cells';
import { rowComparison } from './matrix-plans';
import { emptyCell, played, requestOf, script } from './run';

export function rowRun(host: MemoryHost, kept: KeptMatrix, row: number): Run {
  const { matrix } = kept;
  const { plan, variants } = matrix;
  const repeats = Math.max(1, plan.comparison.repeats);
  const snapshot = rowComparison(plan, variants);
  snapshot.id = `${matrix.id}-comparison`;
  snapshot.name = kept.columns.length > 0 ? `${plan.name} · row ${row + 1}` : plan.name;
  const { dataset } = snapshot.draft;
  const values = kept.valuesOf(row);
  if (dataset) snapshot.draft.dataset = { ...dataset, row };
  snapshot.draft.variables = snapshot.draft.variables.map((variable) => {
    const at = kept.columns.indexOf(variable.name);
    return at < 0 ? variable : { ...variable, value: values[at] ?? '' };
  });
  const id = runId(kept, row);
  const startedAt = matrix.startedAt ?? Date.now();
  const first = kept.rows.indexOf(row) * variants.length * repeats;
  const cells: Cell[] = [];
  for (let at = 0; at < variants.length * repeats && first + at < kept.over; at += 1) {
    const variant = Math.floor(at / repeats);
    const lane = snapshot.lanes[variant]!;
    const connection = host.connections.find((one) => one.id === lane.connection) ?? host.connections[0]!;
    const queued = emptyCell(`${id}-${at}`, id, snapshot, variant, at % repeats, connection);
    const cell = played(script(queued, requestOf(snapshot, lane, connection, connection.baseUrl), [], startedAt));
    cells.push(fitted(cell, kept, first + at, row, variant));
  }
  return {
    summary: {
      id,
      comparison: snapshot.id,
      name: snapshot.name,
      startedAt,
      lanes: variants.length,
      endpoint: snapshot.lanes[0]?.endpoint ?? 'chat',
      cells: cells.length,
      finished: cells.filter(({ state }) => state.kind === 'finished').length,
      unfinished: cells.filter(({ state }) => state.kind !== 'finished').length,
      live: false,
      starred: false,
      note: '',
    },
    snapshot,
    cells,
  };
}

function fitted(cell: Cell, kept: KeptMatrix, number: number, row: number, variant: number): Cell {
  const told = cellOf(kept, number);
  const { tokens, first, total } = figuresOfCell(kept, number);
  if (told.state === 'failed') {
    return {
      ...cell,
      state: { kind: 'failed' },
      error: {
        kind: 'rejected',
        status: Number.parseInt(told.answer, 10) || 500,
        category: 'server',
        code: null,
        message: told.answer,
        retryAfter: null,
        requestId: 'req_7Qm2kXv0aL',
        fields: [],
        event: null,
        contentType: 'application/json',
        elapsedMs: 186,
        retryable: true,
      },
      outcome: { ...cell.outcome, choices: [] },
      arrivals: [],
    };
  }
  const text = textOf(kept, row, variant, cell.repeat);
  return {
    ...cell,
    state: { kind: 'finished' },
    error: null,
    milestones: { ...cell.milestones, end: total },
    metrics: { ...cell.metrics, timeToFirstToken: first, visibleTokens: tokens },
    outcome: { ...cell.outcome, choices: cell.outcome.choices.map((choice) => ({ ...choice, text })) },
  };
}
