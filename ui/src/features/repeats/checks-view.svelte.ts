// The checks of the draft, the dialog in which they are written, and whether past answers are held against them.
import { tick } from 'svelte';
import type { Check } from '../../bindings/Check';
import type { Parameter } from '../../bindings/Parameter';
import type { App } from '../../state/app.svelte';
import { isJson } from '../../lib/json-text';
import { same } from '../../lib/same';
import { templatePieces } from '../../lib/variables';
import { CHECK_KINDS, kindOf, usualName, type RuleKind } from './check-kinds';

/** What else than the comparison on screen has checks. */
export interface Checked {
  checks: readonly Check[];
}

class ChecksView {
  open = $state(false);
  /** Whose checks the dialog shows; null is the comparison on screen. */
  target: Checked | null = $state.raw(null);
  /** Answers of before are held against the checks of now. */
  byNow = $state(false);

  /** Whether the run on screen began with other checks than the comparison has now. */
  differs(app: App): boolean {
    const began = this.#began(app);
    return began !== null && !same(began, app.comparison.comparison.draft.checks);
  }

  /** What the answers on screen are held against; `null` is what their run began with. */
  asked(app: App): readonly Check[] | null {
    return this.byNow && this.differs(app) ? $state.snapshot(app.comparison.comparison.draft.checks) : null;
  }

  /** The same, spelled out. */
  held(app: App): readonly Check[] {
    return this.asked(app) ?? this.#began(app) ?? [];
  }

  #began({ runs }: App): readonly Check[] | null {
    const [first] = runs.pool;
    return first === undefined ? null : (runs.snapshotOf(first)?.draft.checks ?? null);
  }

  list({ comparison }: App): readonly Check[] {
    return this.target?.checks ?? comparison.comparison.draft.checks;
  }

  openFor(target: Checked): void {
    this.target = target;
    this.open = true;
  }

  add(app: App): void {
    this.open = true;
    const rule = structuredClone(CHECK_KINDS[0]!.start);
    this.#change(app, [...this.list(app), { name: '', rule }]);
    this.#focus(this.list(app).length - 1);
  }

  remove(app: App, index: number): void {
    const { name, rule } = this.list(app)[index]!;
    this.#change(app, this.list(app).toSpliced(index, 1));
    app.announce(`Check ${name || usualName(rule)} removed`);
    this.#focus(Math.min(index, this.list(app).length - 1));
  }

  rename(app: App, index: number, name: string): void {
    this.#replace(app, index, { ...this.list(app)[index]!, name });
  }

  setKind(app: App, index: number, kind: RuleKind): void {
    const { name } = this.list(app)[index]!;
    const rule = structuredClone(CHECK_KINDS.find((one) => one.kind === kind)!.start);
    if (rule.kind === 'judge') {
      // Somebody has to be asked: the model of the base lane is known to answer.
      const base = app.comparison.comparison.lanes[0];
      rule.connection = base?.connection ?? '';
      rule.model = base?.model ?? '';
      if (base?.endpoint === 'responses') rule.endpoint = 'responses';
    }
    this.#replace(app, index, { name, rule });
  }

  set(app: App, index: number, field: string, value: string | number | boolean | readonly Parameter[] | null): void {
    const check = this.list(app)[index]!;
    this.#replace(app, index, { ...check, rule: { ...check.rule, [field]: value } as Check['rule'] });
  }

  /** A check without a name takes the one that its rule has; two of one name could not be told apart. */
  close(app: App): void {
    this.open = false;
    const names = new Set<string>();
    const named = this.list(app).map((check) => {
      const name = check.name.trim() || usualName(check.rule);
      let own = name;
      for (let number = 2; names.has(own); number += 1) own = `${name} (${number})`;
      names.add(own);
      return { ...check, name: own };
    });
    this.#change(app, named);
    this.target = null;
  }

  #replace(app: App, index: number, check: Check): void {
    this.#change(app, this.list(app).with(index, check));
  }

  #change({ comparison }: App, checks: Check[]): void {
    if (this.target) {
      this.target.checks = checks;
      return;
    }
    comparison.comparison.draft.checks = checks;
    comparison.touch();
  }

  #focus(index: number): void {
    void tick().then(() => {
      const field = document.querySelector<HTMLElement>(`[data-check="${index}"] input, [data-check-add]`);
      field?.focus();
    });
  }
}

export const checksView = new ChecksView();

/** What keeps a check from being used, as far as the page can tell. */
export function checkProblem({ rule }: Check): string | null {
  if (rule.kind === 'judge') return judgeProblem(rule);
  for (const { name, label, kind, optional } of kindOf(rule).fields) {
    const value: unknown = Reflect.get(rule, name);
    if (kind === 'text' || kind === 'code') {
      if (value === '' && !(rule.kind === 'jsonSchema' && name === 'schema')) return `${label} is empty`;
    }
    if (kind === 'number' && value === null && !optional) return `${label} is no number`;
  }
  if (rule.kind === 'jsonPath' && rule.equals !== null && !isJson(rule.equals)) return 'Equals is not JSON';
  if (rule.kind === 'jsonSchema' && rule.schema !== '' && !isJson(rule.schema)) return 'Schema is not JSON';
  return null;
}

function judgeProblem({ model, prompt, parameters }: Check['rule'] & { kind: 'judge' }): string | null {
  if (model.trim() === '') return 'Model is empty';
  if (!templatePieces(prompt).some(({ variable }) => variable === 'answer')) {
    return 'Write {{answer}} where the judge is to read the answer';
  }
  const odd = parameters.find(({ name, json }) => name === '' || !isJson(json));
  return odd ? `${odd.name || 'A parameter'} has no value: write a name, a colon and JSON` : null;
}

/** Parameters as they are written, one a line: `temperature: 0`. */
export function parameterLines(parameters: readonly Parameter[]): string {
  return parameters.map(({ name, json }) => (json === '' ? name : `${name}: ${json}`)).join('\n');
}

export function parametersOf(lines: string): Parameter[] {
  return lines
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = line, json = ''] = /^([^:]*):(.*)$/.exec(line) ?? [];
      return { name: name.trim(), json: json.trim() };
    });
}
