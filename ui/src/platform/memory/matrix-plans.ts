// What a plan of a matrix comes to: its variants, its rows, and what keeps it from being run.
import type { Comparison } from '../../bindings/Comparison';
import type { Lane } from '../../bindings/Lane';
import type { MatrixAxis } from '../../bindings/MatrixAxis';
import type { MatrixCount } from '../../bindings/MatrixCount';
import type { MatrixPlan } from '../../bindings/MatrixPlan';
import type { MatrixVariant } from '../../bindings/MatrixVariant';
import type { RowChoice } from '../../bindings/RowChoice';
import { laneLetter } from '../../state/comparison/lanes';
import { estimateTokens } from '../../lib/tokens-estimate';
import { modelsOf } from './data';

/** What the tables of the host say. */
export interface TableFacts {
  rows: number;
  columns: string[];
}

/** Parts between commas that stand in no quotes and no brackets. */
function partsOf(text: string): string[] {
  const parts: string[] = [''];
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]!;
    if (quoted && letter === '\\') {
      parts[parts.length - 1] += letter + (text[at + 1] ?? '');
      at += 1;
      continue;
    }
    if (letter === '"') quoted = !quoted;
    else if (!quoted && '[{'.includes(letter)) depth += 1;
    else if (!quoted && ']}'.includes(letter)) depth -= 1;
    if (letter === ',' && depth === 0 && !quoted) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts.map((part) => part.trim());
}

const RANGE = /^(-?[\d.]+)\s*\.\.\s*(-?[\d.]+)(?:\s+step\s+(-?[\d.]+))?$/;
const MOST_VALUES = 1_000;

/** JSON text of each value; `null` sends no such key. Throws words. */
export function valuesOf({ parameter, values }: MatrixAxis): (string | null)[] {
  const name = parameter || 'The parameter';
  if (values.trim() === '') throw `${name}: there are no values`;
  const found = partsOf(values).flatMap((part): (string | null)[] => {
    if (part === '') throw `${name}: there is a comma with nothing beside it`;
    if (part === 'unset') return [null];
    const range = RANGE.exec(part);
    if (range) {
      const [from, to, step] = [Number(range[1]), Number(range[2]), Number(range[3] ?? 1)];
      if (!(step > 0)) throw `${name}: the step of ${part} is not above 0`;
      const count = Math.floor(Math.abs(to - from) / step + 1e-9) + 1;
      if (count > MOST_VALUES) throw `${name}: a range has ${count} values, and at most ${MOST_VALUES} are taken`;
      const way = to < from ? -step : step;
      return Array.from({ length: count }, (_, at) => String(Number((from + at * way).toPrecision(12))));
    }
    try {
      JSON.parse(part);
      return [part];
    } catch {
      if (/^["[{]/.test(part)) throw `${name}: a bracket or a quotation mark is not closed`;
      return [JSON.stringify(part)];
    }
  });
  const twice = found.find((value, at) => found.indexOf(value) < at);
  if (twice !== undefined) throw `${name}: ${twice ?? 'unset'} stands there twice`;
  return found;
}

/** Rows of the table, from 0. Throws words. */
export function rowsOf(choice: RowChoice, table: TableFacts | null): number[] {
  const total = table?.rows ?? 1;
  const first = (count: number) => Array.from({ length: Math.min(count, total) }, (_, row) => row);
  if (!table || choice.kind === 'all') return first(total);
  if (choice.kind === 'first') {
    if (choice.count < 1) throw 'Choose one row at least';
    return first(choice.count);
  }
  const rows = new Set<number>();
  for (const part of choice.text.split(',')) {
    const [, from, to] = /^\s*(\d+)(?:\s*-\s*(\d+))?\s*$/.exec(part) ?? [];
    if (from === undefined) throw `“${part.trim()}” is no row. Rows are written as 1-20, 35`;
    const [low, high] = [Number(from), Number(to ?? from)];
    if (low < 1) throw `“${part.trim()}” is no row. Rows are written as 1-20, 35`;
    if (high < low) throw `“${part.trim()}” ends before it begins`;
    if (high > total) throw `There is no row ${high}: the table has ${total} rows`;
    for (let row = low; row <= high; row += 1) rows.add(row - 1);
  }
  return [...rows].sort((one, other) => one - other);
}

const lanesOf = ({ comparison }: MatrixPlan) => comparison.lanes.filter(({ muted }) => !muted);

function combined(axes: readonly (string | null)[][]): (string | null)[][] {
  return axes.reduce<(string | null)[][]>(
    (all, values) => all.flatMap((before) => values.map((value) => [...before, value])),
    [[]],
  );
}

export function variantsOf(plan: MatrixPlan): MatrixVariant[] {
  const lanes = lanesOf(plan);
  const values = combined(plan.axes.map(valuesOf));
  const prompts = plan.prompts.length > 0 ? plan.prompts.map(({ name }) => name) : [plan.comparison.name];
  const several = new Set(lanes.map(({ model }) => model)).size > 1 || lanes.length > 1;
  return prompts
    .flatMap((prompt) =>
      lanes.flatMap((lane) =>
        values.map((own): Omit<MatrixVariant, 'index' | 'letter'> => ({
          name:
            [
              ...(prompts.length > 1 ? [prompt] : []),
              ...(several ? [lane.model] : []),
              ...own.map((value, at) => `${plan.axes[at]!.parameter} ${value ?? 'unset'}`),
            ].join(' · ') || lane.model,
          prompt: prompts.length > 1 ? prompt : null,
          connection: lane.connection,
          model: lane.model,
          values: own,
        })),
      ),
    )
    .map((variant, index) => ({ index, letter: laneLetter(index), ...variant }));
}

/** The comparison whose lanes are the variants, as the run of a row keeps it. */
export function rowComparison(plan: MatrixPlan, variants: readonly MatrixVariant[]): Comparison {
  const { comparison } = plan;
  const lanes = lanesOf(plan);
  const perPrompt = Math.max(1, variants.length / Math.max(1, plan.prompts.length));
  const perLane = Math.max(1, perPrompt / Math.max(1, lanes.length));
  const made = variants.map(({ index, values }): Lane => {
    const lane = lanes[Math.floor((index % perPrompt) / perLane)]!;
    const own = plan.axes.map(({ parameter: name }, at): Lane['overrides'][number] => {
      const json = values[at] ?? null;
      return json === null ? { kind: 'unset', name } : { kind: 'set', parameter: { name, json } };
    });
    const changed = new Set(plan.axes.map(({ parameter }) => parameter));
    const kept = lane.overrides.filter((one) => !changed.has(one.kind === 'unset' ? one.name : one.parameter.name));
    return {
      ...structuredClone(lane),
      id: `${comparison.id}-v${index}`,
      overrides: [...structuredClone(kept), ...own],
      forkedMessages: plan.prompts[Math.floor(index / perPrompt)]?.messages ?? lane.forkedMessages,
    };
  });
  return { ...structuredClone(comparison), lanes: made };
}

function tokensOf(plan: MatrixPlan): number[] {
  const prompts =
    plan.prompts.length > 0 ? plan.prompts.map(({ messages }) => messages) : [plan.comparison.draft.messages];
  return prompts.map((messages) =>
    messages.reduce((sum, { content, muted }) => {
      return muted || content.kind !== 'text' ? sum : sum + 4 + estimateTokens(content.text);
    }, 0),
  );
}

export function countOf(plan: MatrixPlan, table: () => TableFacts | null): MatrixCount {
  const problems: string[] = [];
  const notes: string[] = [];
  const tell = <T>(read: () => T, otherwise: T): T => {
    try {
      return read();
    } catch (words) {
      problems.push(typeof words === 'string' ? words : ((words as { message?: string }).message ?? String(words)));
      return otherwise;
    }
  };
  const lanes = lanesOf(plan);
  if (lanes.length === 0) problems.push('Every model is left out. Choose one at least.');
  for (const lane of lanes)
    if (lane.model === '') problems.push('A lane has no model. Choose one in Compare, or leave the lane out.');
  for (const { parameter } of plan.axes)
    if (parameter === '') problems.push('A parameter has no name. Choose one, or take it out.');
  const rows = tell(() => rowsOf(plan.rows, table()), []);
  const perAxis = plan.axes.map((axis) => tell(() => valuesOf(axis), []));
  const values = perAxis.reduce((product, { length }) => product * length, 1);
  const variants = perAxis.some(({ length }) => length === 0) ? [] : variantsOf(plan);
  const prompts = Math.max(1, plan.prompts.length);
  const { repeats } = plan.comparison;
  const cells = variants.length * rows.length * repeats;
  const perPrompt = tokensOf(plan);
  const perVariant = perPrompt.reduce((sum, tokens) => sum + tokens, 0) * lanes.length * values;
  const price = lanes.map(({ connection, model }) => modelsOf(connection).find(({ id }) => id === model)?.inputPrice);
  const isPriced = price.every((one) => one !== null && one !== undefined);
  if (!isPriced && lanes.length > 0) notes.push('Not every model has a price, so the cost is not known.');
  const tokensIn = perVariant * rows.length * repeats;
  const mean = price.reduce((sum, one) => sum + Number(one ?? 0), 0) / Math.max(1, lanes.length);
  const costIn = isPriced ? (tokensIn * mean) / 1e6 : null;
  const judges = plan.comparison.draft.checks.flatMap(({ rule }) => (rule.kind === 'judge' ? [rule.repeats] : []));
  const longest = Number(plan.comparison.draft.parameters.find(({ name }) => /^max_/.test(name))?.json ?? NaN);
  return {
    prompts,
    lanes: lanes.length,
    values,
    rows: rows.length,
    repeats,
    cells,
    judgeCalls: cells * judges.reduce((sum, calls) => sum + calls, 0),
    variants,
    tokensIn,
    costAtMost: costIn === null || Number.isNaN(longest) ? null : costIn + (cells * longest * mean * 4) / 1e6,
    costIn,
    currency: costIn === null ? null : 'USD',
    problems,
    notes,
  };
}
