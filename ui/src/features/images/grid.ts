// A grid of pictures: what takes another value along its two axes, and the lane of each place in it.
import type { Comparison } from '../../bindings/Comparison';
import type { Grid } from '../../bindings/Grid';
import type { GridAxis } from '../../bindings/GridAxis';
import type { GridSubject } from '../../bindings/GridSubject';
import type { Lane } from '../../bindings/Lane';
import type { Override } from '../../bindings/Override';
import type { ParameterKind } from '../../bindings/ParameterKind';
import { newId } from '../../lib/ids';
import { contentWithText } from '../../state/comparison/messages';

/** The most calls of one press of the button. */
export const MOST_CALLS = 400;
/** A value of a parameter that leaves its key out. */
const UNSET = 'unset';

export interface Place {
  column: number;
  row: number;
}

/** The values that are sent: each line once, in the order they were typed. */
export function valuesOf(axis: GridAxis | null): string[] {
  return [...new Set((axis?.values ?? []).map((value) => value.trim()).filter((value) => value !== ''))];
}

/** Whether an axis varies anything yet. */
function inForce(axis: GridAxis | null): GridAxis | null {
  return axis && valuesOf(axis).length > 0 ? axis : null;
}

export function sizeOf(grid: Grid): { columns: number; rows: number } {
  return { columns: Math.max(1, valuesOf(grid.columns).length), rows: Math.max(1, valuesOf(grid.rows).length) };
}

export function callsOf(grid: Grid): number {
  const { columns, rows } = sizeOf(grid);
  return columns * rows;
}

export function placeOf(grid: Grid, index: number): Place {
  const { columns } = sizeOf(grid);
  return { column: index % columns, row: Math.floor(index / columns) };
}

/** `{{weather}}`, `quality`, `prompt`. */
export function subjectName(subject: GridSubject): string {
  if (subject.kind === 'prompt') return 'prompt';
  return subject.kind === 'variable' ? `{{${subject.name}}}` : subject.name;
}

export function sameSubject(one: GridSubject, other: GridSubject): boolean {
  return subjectName(one) === subjectName(other);
}

/** What stands above a column or beside a row; a grid without that axis has one, without words. */
export function labelsOf(axis: GridAxis | null): string[] {
  const values = valuesOf(axis);
  return values.length > 0 ? values : [''];
}

/** The name of a place, column first. */
export function nameOf(grid: Grid, index: number): string {
  const { column, row } = placeOf(grid, index);
  const words = [labelsOf(grid.columns)[column], labelsOf(grid.rows)[row]].filter((word) => word);
  return words.join(', ') || 'The picture';
}

/** Names of variables that an axis gives their values. */
export function variablesOf(grid: Grid): string[] {
  return [grid.columns, grid.rows].flatMap((axis) =>
    inForce(axis)?.subject.kind === 'variable' ? [(axis!.subject as { name: string }).name] : [],
  );
}

/** The JSON text of a value as it was typed. */
export function jsonOf(value: string, kind: ParameterKind | null): string {
  if (kind?.kind === 'text') return JSON.stringify(value);
  try {
    JSON.parse(value);
    return value;
  } catch {
    return JSON.stringify(value);
  }
}

/** One lane for each place, row by row. The first keeps the id of the draft's own. */
export function lanesOf(comparison: Comparison, kindOf: (name: string) => ParameterKind | null): Lane[] {
  const { draft, lanes } = comparison;
  const [base] = lanes;
  if (!base) return [];
  return Array.from({ length: callsOf(draft.grid) }, (_, index) => {
    const { column, row } = placeOf(draft.grid, index);
    const lane: Lane = { ...base, id: index === 0 ? base.id : newId(), overrides: [], variables: [], muted: false };
    for (const [axis, at] of [
      [inForce(draft.grid.columns), column],
      [inForce(draft.grid.rows), row],
    ] as const) {
      if (axis) vary(comparison, lane, axis.subject, valuesOf(axis)[at]!, kindOf);
    }
    return lane;
  });
}

function vary(
  { draft }: Comparison,
  lane: Lane,
  subject: GridSubject,
  value: string,
  kindOf: (name: string) => ParameterKind | null,
): void {
  if (subject.kind === 'variable') {
    const known = draft.variables.find(({ name }) => name === subject.name);
    const kind = known?.kind ?? { kind: 'text' as const };
    lane.variables = [...lane.variables, { name: subject.name, value, kind, default: '' }];
  } else if (subject.kind === 'parameter') {
    const { name } = subject;
    const change: Override =
      value === UNSET
        ? { kind: 'unset', name }
        : { kind: 'set', parameter: { name, json: jsonOf(value, kindOf(name)) } };
    lane.overrides = [...lane.overrides, change];
  } else {
    const messages = lane.forkedMessages ?? draft.messages;
    const at = messages.findIndex(({ role }) => role === 'user');
    lane.forkedMessages = messages.map((message, index) =>
      index === at ? { ...message, content: contentWithText(message.content, value) } : message,
    );
  }
}

/** What two lanes of a run send differently, by name. */
export function differencesOf(snapshot: Comparison, one: Lane, other: Lane): string[] {
  const sent = (lane: Lane) => {
    const values = new Map<string, string>([
      ['model', lane.model],
      ['prompt', JSON.stringify(lane.forkedMessages ?? snapshot.draft.messages)],
    ]);
    for (const { name, json } of snapshot.draft.parameters) values.set(name, json);
    for (const change of lane.overrides) {
      if (change.kind === 'set') values.set(change.parameter.name, change.parameter.json);
      else values.delete(change.name);
    }
    for (const { name, value } of [...snapshot.draft.variables, ...lane.variables]) values.set(`{{${name}}}`, value);
    return values;
  };
  const [here, there] = [sent(one), sent(other)];
  return [...new Set([...here.keys(), ...there.keys()])].filter((name) => here.get(name) !== there.get(name));
}
