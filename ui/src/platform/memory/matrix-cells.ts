// The cells of the host's matrices: made from their number, so that fifty thousand take no time to keep.
import type { Check } from '../../bindings/Check';
import type { CheckState } from '../../bindings/CheckState';
import type { Figures } from '../../bindings/Figures';
import type { Matrix } from '../../bindings/Matrix';
import type { MatrixBase } from '../../bindings/MatrixBase';
import type { MatrixCell } from '../../bindings/MatrixCell';
import type { MatrixCells } from '../../bindings/MatrixCells';
import type { MatrixCellsQuery } from '../../bindings/MatrixCellsQuery';
import type { MatrixChange } from '../../bindings/MatrixChange';
import type { MatrixChanges } from '../../bindings/MatrixChanges';
import type { MatrixColumn } from '../../bindings/MatrixColumn';
import type { MatrixFigures } from '../../bindings/MatrixFigures';
import type { PassRate } from '../../bindings/PassRate';
import type { VariantFigures } from '../../bindings/VariantFigures';
import { against, judged, wilson } from './repeats';

export interface KeptMatrix {
  matrix: Matrix;
  /** Of the table, from 0. */
  rows: number[];
  columns: string[];
  valuesOf: (row: number) => string[];
  /** As many cells of the order in which they are sent are over. */
  over: number;
  flying: number;
  /** Numbers of failed cells that were sent again. */
  retried: Set<number>;
}

const FIRST = [
  'I’m sorry your rear light stopped charging',
  'thank you for writing about your light',
  'thanks for the photo',
];
const MIDDLE = [
  'It is still within warranty, and a refund is yours.',
  'The order is covered by our two-year warranty, and you may choose a refund instead of a replacement.',
  'A technician looks at the charging port first, and the refund goes back to the card you paid with.',
];
const LAST = [
  'Please reply with a photo of the serial number.',
  'To begin, send us the number that is printed under the mount.',
  'You will have the money by Friday.',
  'Reply with the “new” address, or leave it: C:\\temp is no address.',
];
const FAILURES = [
  '429 rate_limited. Retry-After: 7',
  '500 upstream_error',
  '422 temperature: Input should be less than or equal to 2',
];

const spread = (...numbers: number[]) =>
  numbers.reduce((hash, number) => Math.imul(hash ^ (number + 0x9e37), 0x85ebca6b) >>> 0, 0x2545f491) >>> 7;

const shape = ({ matrix }: KeptMatrix) => ({
  variants: matrix.variants.length,
  repeats: Math.max(1, matrix.plan.comparison.repeats),
});

export const runId = ({ matrix }: KeptMatrix, row: number) => `${matrix.id}-row${row}`;

export function isFailing(kept: KeptMatrix, number: number): boolean {
  return !kept.retried.has(number) && spread(number) % 41 === 7;
}

export function textOf(kept: KeptMatrix, row: number, variant: number, repeat: number): string {
  const values = kept.valuesOf(row);
  const seed = spread(row, variant, repeat);
  const name = values[0] ?? 'Maren';
  // Later variants forget the order more often, and promise a date.
  const order = seed % (11 - Math.min(8, variant)) === 0 ? 'your order' : `order ${values[1] ?? 'NL-20418'}`;
  const last = LAST[seed % 7 < variant / 3 ? 2 : seed % 2]!;
  return `Hello ${name},\n\n${FIRST[seed % FIRST.length]}, ${order}. ${MIDDLE[(seed >> 3) % MIDDLE.length]}\n\n${last}\n\nNordlys Support`;
}

function checksOf(kept: KeptMatrix, row: number): Check[] {
  const values = kept.valuesOf(row);
  const fill = (text: string) =>
    text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[kept.columns.indexOf(name)] ?? whole);
  return kept.matrix.plan.comparison.draft.checks.map(({ name, rule }) => ({
    name,
    rule: rule.kind === 'contains' ? { ...rule, text: fill(rule.text) } : rule,
  }));
}

export function figuresOfCell(kept: KeptMatrix, number: number): { tokens: number; first: number; total: number } {
  const { variants, repeats } = shape(kept);
  const variant = Math.floor(number / repeats) % variants;
  const seed = spread(number, 3);
  const first = 260 + ((variant * 131) % 400) + (seed % 240);
  return { tokens: 52 + (seed % 60), first, total: first + 700 + (seed % 900) };
}

export function cellOf(kept: KeptMatrix, number: number): MatrixCell {
  const { variants, repeats } = shape(kept);
  const repeat = number % repeats;
  const variant = Math.floor(number / repeats) % variants;
  const row = kept.rows[Math.floor(number / repeats / variants)] ?? 0;
  const run = runId(kept, row);
  const isOver = number < kept.over;
  const failed = isOver && isFailing(kept, number);
  const state = !isOver ? 'inFlight' : failed ? 'failed' : 'finished';
  const { tokens, first, total } = figuresOfCell(kept, number);
  const text = state === 'finished' ? textOf(kept, row, variant, repeat) : '';
  const checks: CheckState[] = checksOf(kept, row).map((check) =>
    state === 'finished'
      ? judged({ kind: 'finished', text, timeToFirstToken: first, total }, check).state
      : failed
        ? 'failed'
        : 'notJudged',
  );
  const priced = kept.matrix.currency !== null;
  return {
    run,
    cell: `${run}-${variant * repeats + repeat}`,
    row,
    variant,
    repeat,
    state,
    values: kept.valuesOf(row).map((value) => value.slice(0, 60)),
    answer: failed ? FAILURES[number % FAILURES.length]! : text.replace(/\s+/g, ' ').slice(0, 200),
    checks,
    passed:
      !isOver || checks.length === 0 || checks.includes('cannotTell') ? null : checks.every((one) => one === 'passed'),
    tokens: state === 'finished' ? tokens : null,
    timeToFirstToken: state === 'finished' ? first : null,
    milliseconds: state === 'finished' ? total : failed ? 190 + (number % 90) : null,
    cost: state === 'finished' && priced ? tokens * 0.00001 : null,
    gone: false,
  };
}

const begun = (kept: KeptMatrix) => Math.min(kept.matrix.counts.total, kept.over + kept.flying);

export function allCells(kept: KeptMatrix): MatrixCell[] {
  return Array.from({ length: begun(kept) }, (_, number) => cellOf(kept, number));
}

const VALUES: Record<MatrixColumn, (cell: MatrixCell) => number | string> = {
  row: ({ row }) => row,
  variant: ({ variant }) => variant,
  repeat: ({ repeat }) => repeat,
  state: ({ state }) => state,
  checks: ({ checks }) => checks.filter((one) => one === 'passed').length,
  answer: ({ answer }) => answer,
  tokens: ({ tokens }) => tokens ?? Infinity,
  milliseconds: ({ milliseconds }) => milliseconds ?? Infinity,
  cost: ({ cost }) => cost ?? Infinity,
};

export function cellsOf(kept: KeptMatrix, query: MatrixCellsQuery): MatrixCells {
  const wanted = query.text.toLowerCase();
  const fits: Record<MatrixCellsQuery['filter'], (cell: MatrixCell) => boolean> = {
    all: () => true,
    passed: ({ state, passed }) => state === 'finished' && passed === true,
    notPassed: ({ state, passed }) => state === 'finished' && passed === false,
    failed: ({ state }) => state === 'failed',
    inFlight: ({ state }) => state === 'inFlight',
  };
  const found = allCells(kept).filter(
    (cell) =>
      fits[query.filter](cell) &&
      (query.variant === null || cell.variant === query.variant) &&
      (query.row === null || cell.row === query.row) &&
      (wanted === '' || [cell.answer, ...cell.values].some((text) => text.toLowerCase().includes(wanted))),
  );
  const value = VALUES[query.sort];
  const order = (cell: MatrixCell) => [value(cell), cell.row, cell.variant, cell.repeat] as const;
  found.sort((one, other) => {
    const [left, right] = [order(one), order(other)];
    const at = left.findIndex((own, index) => own !== right[index]);
    if (at < 0) return 0;
    const up = left[at]! < right[at]! ? -1 : 1;
    return query.descending && at === 0 ? -up : up;
  });
  return {
    cells: found.slice(query.from, query.from + Math.min(1_000, query.count)),
    total: found.length,
    columns: kept.columns,
    checks: kept.matrix.plan.comparison.draft.checks.map(({ name }) => name),
  };
}

function figures(cells: readonly MatrixCell[], of: (cell: MatrixCell) => number | null): Figures {
  const values = cells.flatMap((cell) => {
    const value = of(cell);
    return value === null ? [] : [{ cell: cell.cell, repeat: cell.repeat, value }];
  });
  const sorted = values.map(({ value }) => value).sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
  const [median, low, high] = [at(0.5), at(0.46), at(0.54)];
  return {
    values: values.length > 1_000 ? [] : values,
    median,
    interval: low === null || high === null ? null : { low, high },
  };
}

const rate = (passed: number, total: number): PassRate => ({
  passed,
  total,
  interval: wilson(passed, total),
  against: null,
});

function variantFigures(kept: KeptMatrix, variant: number, cells: readonly MatrixCell[]): VariantFigures {
  const own = cells.filter((cell) => cell.variant === variant && cell.state !== 'inFlight');
  const finished = own.filter(({ state }) => state === 'finished');
  const { checks } = kept.matrix.plan.comparison.draft;
  const all = checks.length === 0 ? null : rate(own.filter(({ passed }) => passed).length, own.length);
  const share = all && all.total > 0 ? all.passed / all.total : 0;
  const { repeats } = shape(kept);
  const { currency } = kept.matrix;
  return {
    variant,
    finished: finished.length,
    failed: own.length - finished.length,
    checks: checks.map((_, at) => rate(own.filter((cell) => cell.checks[at] === 'passed').length, own.length)),
    all,
    passAt: all
      ? [1, 2, 5].filter((k) => k <= repeats).map((k) => ({ k, any: 1 - (1 - share) ** k, all: share ** k }))
      : [],
    timeToFirstToken: figures(finished, ({ timeToFirstToken }) => timeToFirstToken),
    total: figures(finished, ({ milliseconds }) => milliseconds),
    tokens: figures(finished, ({ tokens }) => tokens),
    cost: figures(finished, ({ cost }) => cost),
    currency,
    spent: currency === null ? null : finished.reduce((sum, { cost }) => sum + (cost ?? 0), 0),
  };
}

/** The variant of a matrix that another one's is held against. */
function baseOf(kept: KeptMatrix, base: MatrixBase, other: KeptMatrix | null, variant: number): number | null {
  if (base.kind === 'variant') return base.index;
  const { name } = kept.matrix.variants[variant]!;
  const known = other?.matrix.variants ?? [];
  return known.length === 1 ? 0 : (known.find((one) => one.name === name)?.index ?? null);
}

export function figuresOf(kept: KeptMatrix, base: MatrixBase, other: KeptMatrix | null): MatrixFigures {
  const cells = allCells(kept);
  const variants = kept.matrix.variants.map(({ index }) => variantFigures(kept, index, cells));
  const otherCells = other ? allCells(other) : [];
  for (const one of variants) {
    const at = baseOf(kept, base, other, one.variant);
    if (at === null || (!other && at === one.variant)) continue;
    const was = other ? variantFigures(other, at, otherCells) : variants[at];
    if (!was) continue;
    if (one.all && was.all) one.all.against = against(one.all, was.all);
    one.checks.forEach((own, index) => (own.against = was.checks[index] ? against(own, was.checks[index]) : null));
  }
  return { base, checks: kept.matrix.plan.comparison.draft.checks.map(({ name }) => name), variants };
}

export function changesOf(
  kept: KeptMatrix,
  base: MatrixBase,
  other: KeptMatrix | null,
  from: number,
  count: number,
): MatrixChanges {
  const key = (row: number, variant: number) => `${row}/${variant}`;
  const group = (cells: readonly MatrixCell[]) => {
    const groups = new Map<string, MatrixCell[]>();
    for (const cell of cells) {
      if (cell.state === 'inFlight') continue;
      const own = groups.get(key(cell.row, cell.variant));
      if (own) own.push(cell);
      else groups.set(key(cell.row, cell.variant), [cell]);
    }
    return groups;
  };
  const own = group(allCells(kept));
  const theirs = other ? group(allCells(other)) : own;
  let unmatched = 0;
  const changes: MatrixChange[] = [];
  for (const cells of own.values()) {
    const { row, variant, values } = cells[0]!;
    const at = baseOf(kept, base, other, variant);
    if (!other && at === variant) continue;
    const was = at === null ? undefined : theirs.get(key(row, at));
    if (!was) {
      unmatched += 1;
      continue;
    }
    const passed = (list: readonly MatrixCell[]) => rate(list.filter((one) => one.passed).length, list.length);
    const [now, then] = [passed(cells), passed(was)];
    // The answers that show the difference.
    const worst = cells.find((one) => one.passed === now.passed >= then.passed) ?? cells[0]!;
    const best = was.find((one) => one.passed === now.passed <= then.passed) ?? was[0]!;
    changes.push({
      row,
      variant,
      values,
      passed: now.passed,
      total: now.total,
      basePassed: then.passed,
      baseTotal: then.total,
      against: kept.matrix.plan.comparison.draft.checks.length === 0 ? null : against(now, then),
      cell: worst.cell,
      baseCell: best.cell,
      answer: worst.answer,
      baseAnswer: best.answer,
    });
  }
  const difference = ({ against: told }: MatrixChange) => told?.difference ?? 0;
  changes.sort((one, two) => difference(one) - difference(two) || one.row - two.row || one.variant - two.variant);
  const told = (test: (difference: number) => boolean) => changes.filter((one) => test(difference(one))).length;
  return {
    changes: changes.slice(from, from + count),
    total: changes.length,
    worse: told((value) => value < 0),
    better: told((value) => value > 0),
    same: told((value) => value === 0),
    unmatched,
  };
}
