// Bringing past calls back into the editor: one run as it was, or calls of several side by side.
import type { Cell } from '../bindings/Cell';
import type { Comparison } from '../bindings/Comparison';
import type { Lane } from '../bindings/Lane';
import type { Message } from '../bindings/Message';
import type { Override } from '../bindings/Override';
import type { Parameter } from '../bindings/Parameter';
import type { Run } from '../bindings/Run';
import type { SearchRow } from '../bindings/SearchRow';
import type { Variable } from '../bindings/Variable';
import { isAppError } from '../lib/app-error';
import { dateAndTime } from '../lib/format';
import { newId } from '../lib/ids';
import { same } from '../lib/same';
import { templatePieces } from '../lib/variables';
import type { App } from './app.svelte';
import { foldBaseOverrides, MAX_LANES, structuredCloneOf } from './comparison/lanes';

/**
 * Opens what a run was sent from, with its answers. That is the comparison it came from when nothing in it has changed
 * since, else a new one beside it, so that neither the run nor later edits are lost.
 */
export async function restoreRun(
  app: App,
  id: string,
  cell: string | null = null,
  lanes: readonly number[] | null = null,
): Promise<void> {
  await app.comparison.flush();
  const run = narrowed(await app.host.openRun(id), cell, lanes);
  const before = whereWeAre(app);
  const known = await comparisonOf(app, run);
  const comparison = known ?? { ...(await asSent(app, run.snapshot)), id: newId(), name: copyName(run) };
  app.show(comparison);
  if (!known) app.comparison.touch();
  await app.runs.restore(run);
  lookAt(app, run.cells.find((one) => one.id === cell) ?? null);
  if (before && before.comparison !== comparison.id) offerUndo(app, comparison, known === null, before);
}

/** A row of a matrix may have more lanes than a comparison: then those that are wanted, else the first and that of the cell. */
function narrowed(run: Run, cell: string | null, lanes: readonly number[] | null): Run {
  if (lanes === null && run.snapshot.lanes.length <= MAX_LANES) return run;
  const looked = run.cells.find(({ id }) => id === cell)?.laneIndex;
  const wanted =
    lanes ??
    [...new Set([...(looked === undefined ? [] : [looked]), ...run.snapshot.lanes.keys()].slice(0, MAX_LANES))].sort(
      (one, other) => one - other,
    );
  const snapshot = structuredCloneOf(run.snapshot);
  snapshot.lanes = wanted.flatMap((index) => snapshot.lanes[index] ?? []);
  foldBaseOverrides(snapshot);
  const places = new Map(snapshot.lanes.map(({ id }, index) => [id, index]));
  const cells = run.cells.flatMap((one) => {
    const laneIndex = places.get(one.lane);
    return laneIndex === undefined ? [] : [{ ...one, laneIndex }];
  });
  return { ...run, snapshot, cells };
}

interface Place {
  comparison: string;
  run: string | null;
}

function whereWeAre(app: App): Place | null {
  return app.comparison.isOpen ? { comparison: app.comparison.comparison.id, run: app.runs.shown } : null;
}

/** A saved comparison that would send exactly what the run sent. */
async function comparisonOf(app: App, run: Run): Promise<Comparison | null> {
  const named = app.comparisons.find(({ name }) => name === copyName(run));
  for (const id of [run.snapshot.id, named?.id]) {
    const saved = id === undefined ? null : await opened(app, id);
    if (saved && sendsTheSame(await asNow(app, saved), run.snapshot)) return saved;
  }
  return null;
}

/** With the values of its row in its variables, as a run keeps them. */
async function asNow(app: App, comparison: Comparison): Promise<Comparison> {
  if (!comparison.draft.dataset || comparison.draft.dataset.off) return comparison;
  try {
    return await app.host.fillRow(comparison);
  } catch {
    // Nothing could be sent, so nothing could be the same.
    return comparison;
  }
}

/** What a run was sent from. Where its table says something else by now, the values that were sent stand. */
async function asSent(app: App, snapshot: Comparison): Promise<Comparison> {
  const { dataset } = snapshot.draft;
  if (!dataset || dataset.off) return snapshot;
  const now = await app.host.fillRow(snapshot).catch(() => null);
  if (now && sendsTheSame(now, snapshot)) return snapshot;
  app.toast('The table has changed since. The values that were sent are used');
  return { ...snapshot, draft: { ...snapshot.draft, dataset: { ...dataset, off: true } } };
}

async function opened(app: App, id: string): Promise<Comparison | null> {
  try {
    return await app.host.openComparison(id);
  } catch (error) {
    if (isAppError(error) && error.kind === 'notFound') return null;
    throw error;
  }
}

/** Checks send nothing: what was run before they were written belongs to its comparison all the same. */
function sendsTheSame(one: Comparison, other: Comparison): boolean {
  const sent = ({ draft, lanes, repeats }: Comparison) => [{ ...draft, checks: [] }, lanes, repeats];
  return same(sent(one), sent(other));
}

function copyName(run: Run): string {
  return `${run.summary.name}, ${dateAndTime(run.summary.startedAt, Date.now())}`;
}

function lookAt(app: App, cell: Cell | null): void {
  if (!cell || !app.comparison.lane(cell.lane)) return;
  app.comparison.selectLane(cell.lane);
  const shown = app.runs.cellsOfLane(cell.lane).find(({ id }) => id === cell.id);
  if (shown) app.runs.showCell(shown);
}

function offerUndo(app: App, made: Comparison, isNew: boolean, before: Place): void {
  const back = async () => {
    await app.openComparison(before.comparison);
    if (before.run !== null) await app.runs.showRun(before.run);
    if (isNew) await app.forgetComparison(made.id);
  };
  app.toast(isNew ? `Opened as ${made.name}` : `Opened ${made.name}`, {
    action: { label: 'Undo', run: () => void back().catch((error: unknown) => app.report(error)) },
  });
}

/** Why these calls cannot stand side by side. */
export function compareReason(rows: readonly SearchRow[]): string | null {
  if (rows.length < 2) return 'Choose two calls or more, with Ctrl or Shift';
  return rows.length > MAX_LANES ? `A comparison has at most ${MAX_LANES} lanes` : null;
}

/** Opens the lanes of past calls side by side, with their answers. */
export async function compareCells(app: App, rows: readonly Pick<SearchRow, 'run' | 'cell' | 'name'>[]): Promise<void> {
  await app.comparison.flush();
  const runs = new Map<string, Run>();
  for (const { run } of rows) if (!runs.has(run)) runs.set(run, await app.host.openRun(run));
  const calls: PastCall[] = [];
  for (const { run, cell } of rows) {
    const found = runs.get(run);
    const call = found?.cells.find(({ id }) => id === cell);
    if (found && call) calls.push({ snapshot: await sentWith(app, found, call), cell: call });
  }
  const before = whereWeAre(app);
  const side = sideBySide(calls, app.freeName(nameOf(rows)));
  if (!side) return;
  app.show(side.comparison);
  app.comparison.touch();
  app.runs.showCells(side.cells);
  if (before) offerUndo(app, side.comparison, true, before);
}

/** What a run was sent from; for a later step of a dialogue, with the steps before it as messages of its lane. */
async function sentWith(app: App, run: Run, cell: Cell): Promise<Comparison> {
  const isBefore = (one: Cell) => one.lane === cell.lane && one.repeat === cell.repeat && one.step === cell.step - 1;
  const before = run.cells.slice(0, run.cells.indexOf(cell)).findLast(isBefore);
  if (!before) return run.snapshot;
  const { choice, results } = before;
  const replies = cell.replaced ?? { choice, results, arguments: before.arguments };
  const forkedMessages = await app.host.dialogueMessages(before.id, replies);
  const lanes = run.snapshot.lanes.map((lane) => (lane.id === cell.lane ? { ...lane, forkedMessages } : lane));
  return { ...run.snapshot, lanes };
}

function nameOf(rows: readonly Pick<SearchRow, 'name'>[]): string {
  const names = [...new Set(rows.map(({ name }) => name))];
  return names.length === 1 ? `${names[0] ?? ''}, compared` : names.slice(0, 3).join(' / ');
}

interface PastCall {
  snapshot: Comparison;
  cell: Cell;
}

/** One comparison in which each call has a lane that sends what it sent. */
export function sideBySide(calls: readonly PastCall[], name: string): { comparison: Comparison; cells: Cell[] } | null {
  const [first] = calls;
  const base = first && laneOf(first);
  if (!first || !base) return null;
  const draft = {
    ...first.snapshot.draft,
    messages: base.forkedMessages ?? first.snapshot.draft.messages,
    parameters: sentBy(first.snapshot, base),
    // Each call has the values it was sent with, of whichever row.
    dataset: null,
  };
  const comparison: Comparison = { id: newId(), name, draft, lanes: [], repeats: 1 };
  const cells: Cell[] = [];
  for (const call of calls) {
    const lane = laneOf(call);
    if (!lane) continue;
    const id = newId();
    const messages = messagesOf(call.snapshot, lane);
    const shared = same(unnamed(messages), unnamed(filled(draft.messages, draft.variables)));
    comparison.lanes.push({
      ...lane,
      id,
      overrides: overridesOf(sentBy(call.snapshot, lane), draft.parameters),
      forkedMessages: shared ? null : messages,
      muted: false,
      hold: false,
    });
    cells.push({ ...call.cell, lane: id, laneIndex: cells.length, repeat: 0 });
  }
  return { comparison, cells };
}

function laneOf({ snapshot, cell }: PastCall): Lane | undefined {
  return snapshot.lanes.find(({ id }) => id === cell.lane);
}

/** The parameters of a lane: a changed value stays at its place, a new one goes to the end. */
function sentBy({ draft }: Comparison, lane: Lane): Parameter[] {
  const values = new Map(draft.parameters.map((parameter) => [parameter.name, parameter]));
  for (const override of lane.overrides) {
    if (override.kind === 'unset') values.delete(override.name);
    else values.set(override.parameter.name, override.parameter);
  }
  return [...values.values()];
}

function overridesOf(wanted: readonly Parameter[], base: readonly Parameter[]): Override[] {
  const known = new Map(base.map(({ name, json }) => [name, json]));
  const names = new Set(wanted.map(({ name }) => name));
  return [
    ...wanted
      .filter(({ name, json }) => known.get(name) !== json)
      .map((parameter): Override => ({ kind: 'set', parameter })),
    ...base.filter(({ name }) => !names.has(name)).map(({ name }): Override => ({ kind: 'unset', name })),
  ];
}

/** What a lane said, with its variables filled in: other lanes may have other values for the same names. */
function messagesOf({ draft }: Comparison, lane: Lane): Message[] {
  return filled(lane.forkedMessages ?? draft.messages, draft.variables);
}

function filled(messages: readonly Message[], variables: readonly Variable[]): Message[] {
  const values = new Map(variables.map((variable) => [variable.name, variable.value || variable.default]));
  const fill = (template: string) =>
    templatePieces(template)
      .map(({ text, variable }) => (variable === null ? text : (values.get(variable) ?? text)))
      .join('');
  return messages.map((message) => {
    const { content } = message;
    if (content.kind === 'text') return { ...message, content: { ...content, text: fill(content.text) } };
    if (content.kind !== 'parts') return message;
    const parts = content.parts.map((part) => (part.kind === 'text' ? { ...part, text: fill(part.text) } : part));
    return { ...message, content: { ...content, parts } };
  });
}

/** Ids are the page's own and are not sent. */
const unnamed = (messages: readonly Message[]) => messages.map((message) => ({ ...message, id: '' }));
