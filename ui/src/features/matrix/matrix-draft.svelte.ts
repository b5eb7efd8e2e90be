// A matrix that was not started: its plan as it is typed, counted at once and saved a moment later.
import type { Check } from '../../bindings/Check';
import type { Comparison } from '../../bindings/Comparison';
import type { Lane } from '../../bindings/Lane';
import type { Matrix } from '../../bindings/Matrix';
import type { MatrixCount } from '../../bindings/MatrixCount';
import type { MatrixPlan } from '../../bindings/MatrixPlan';
import type { RowChoice } from '../../bindings/RowChoice';
import { describeError } from '../../lib/app-error';
import { freeName } from '../../lib/free-name';
import type { App } from '../../state/app.svelte';
import { AxisReadings, type AxisReading } from './axis-readings';
import { addLane, changeLane, type ModelChoice } from './plan-lanes';

/** Quiet time before it is counted, and before it is saved, milliseconds. */
const COUNT_AFTER = 120;
const SAVE_AFTER = 400;

export class MatrixDraft {
  plan: MatrixPlan = $state() as MatrixPlan;
  count: MatrixCount | null = $state.raw(null);
  /** Why it cannot be counted or saved. */
  problem: string | null = $state(null);
  readonly id: string;
  /** One for each axis, as they were read last. */
  #readings: readonly AxisReading[] = $state.raw([]);
  readonly #axes: AxisReadings;
  #countTimer: ReturnType<typeof setTimeout> | undefined;
  #saveTimer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> = Promise.resolve();
  #serial = 0;

  constructor(
    private readonly app: App,
    matrix: Matrix,
    private readonly onsaved: (matrix: Matrix) => void,
  ) {
    this.id = matrix.id;
    this.#axes = new AxisReadings(app.host);
    this.plan = structuredClone(matrix.plan);
    void this.#count();
  }

  get checks(): readonly Check[] {
    return this.plan.comparison.draft.checks;
  }
  /** The dialog of checks writes here. */
  set checks(checks: readonly Check[]) {
    this.plan.comparison.draft.checks = [...checks];
    this.touch();
  }

  /** What the values of an axis say; null while that is not known. */
  reading(axis: number): AxisReading | null {
    const found = this.#readings[axis];
    return found && found.parameter === this.plan.axes[axis]?.parameter ? found : null;
  }

  touch(): void {
    clearTimeout(this.#countTimer);
    clearTimeout(this.#saveTimer);
    this.#countTimer = setTimeout(() => void this.#count(), COUNT_AFTER);
    this.#saveTimer = setTimeout(() => void this.flush(), SAVE_AFTER);
  }

  async #count(): Promise<void> {
    this.#countTimer = undefined;
    this.#serial += 1;
    const serial = this.#serial;
    try {
      const plan = $state.snapshot(this.plan);
      const [counted, readings] = await Promise.all([this.app.host.countMatrix(plan), this.#axes.of(plan)]);
      if (serial !== this.#serial) return;
      this.count = counted;
      this.#readings = readings;
      this.problem = null;
    } catch (error) {
      if (serial === this.#serial) this.problem = describeError(error);
    }
  }

  /** Saves what is not saved yet. */
  async flush(): Promise<void> {
    if (this.#saveTimer !== undefined) {
      clearTimeout(this.#saveTimer);
      this.#saveTimer = undefined;
      this.#saving = this.#saving.then(() => this.#save());
    }
    await this.#saving;
  }

  async #save(): Promise<void> {
    try {
      this.onsaved(await this.app.host.saveMatrix(this.id, $state.snapshot(this.plan)));
    } catch (error) {
      this.problem = describeError(error);
    }
  }

  /** It is gone, or it began: nothing of it is saved any more. */
  leave(): void {
    clearTimeout(this.#countTimer);
    clearTimeout(this.#saveTimer);
    this.#saveTimer = undefined;
  }

  // ---- prompts

  /** Adds prompts of the workspace; the first of a plan that had none but its own stands before them. */
  addPrompts(others: readonly Comparison[]): void {
    const { plan } = this;
    if (plan.prompts.length === 0) {
      const { name, draft } = plan.comparison;
      plan.prompts = [{ name, messages: structuredClone($state.snapshot(draft.messages)) }];
    }
    const known = new Set(plan.comparison.draft.variables.map(({ name }) => name));
    for (const { name, draft } of others) {
      plan.prompts.push({
        name: freeName(
          name,
          plan.prompts.map((prompt) => prompt.name),
        ),
        messages: draft.messages,
      });
      // What is filled in there has to have a value here.
      for (const variable of draft.variables) {
        if (!known.has(variable.name)) plan.comparison.draft.variables.push(variable);
        known.add(variable.name);
      }
    }
    this.touch();
  }

  removePrompt(index: number): void {
    this.plan.prompts.splice(index, 1);
    this.touch();
  }

  // ---- models, parameters, rows

  toggleLane(lane: Lane): void {
    lane.muted = !lane.muted;
    this.touch();
  }

  addModel(choice: ModelChoice): void {
    addLane(this.plan, choice, this.app);
    this.touch();
  }

  changeModel(lane: Lane, choice: ModelChoice): void {
    changeLane(this.plan, lane, choice, this.app);
    this.touch();
  }

  /** The first lane stays: the draft is written for it. */
  removeLane(index: number): void {
    if (index > 0) this.plan.comparison.lanes.splice(index, 1);
    this.touch();
  }

  addAxis(parameter: string, values: string): void {
    this.plan.axes.push({ parameter, values });
    this.touch();
  }

  removeAxis(index: number): void {
    this.plan.axes.splice(index, 1);
    this.#readings = this.#readings.toSpliced(index, 1);
    this.touch();
  }

  setTable(path: string): void {
    const wanted = path.trim();
    const { draft } = this.plan.comparison;
    if ((draft.dataset?.path ?? '') === wanted && !draft.dataset?.off) return;
    draft.dataset = wanted === '' ? null : { path: wanted, row: 0, off: false };
    this.touch();
  }

  setRows(kind: RowChoice['kind']): void {
    this.plan.rows = {
      all: { kind: 'all' },
      first: { kind: 'first', count: 20 },
      numbers: { kind: 'numbers', text: '1-20' },
    }[kind] as RowChoice;
    this.touch();
  }
}
