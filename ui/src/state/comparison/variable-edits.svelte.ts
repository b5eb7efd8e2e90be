// What variables stand for, and edits to them.
import type { Variable } from '../../bindings/Variable';
import type { VariableKind } from '../../bindings/VariableKind';
import type { UnfitVariable } from '../../bindings/UnfitVariable';
import type { Message } from '../../bindings/Message';
import type { Part } from '../../bindings/Part';
import { valueProblem } from '../../lib/variable-values';
import { isTemplateParameter, namesInJson, namesInMessage, namesInRule, renamed, unique } from '../../lib/variables';
import { InputEdits } from './input-edits.svelte';
import { effectiveParameters } from './parameters';

export class VariableEdits extends InputEdits {
  /** What the row of the table says, by the names of its columns; `null` while no table fills variables. */
  rowValues: ReadonlyMap<string, string> | null = $state.raw(null);

  /** Why the table cannot fill variables, where one should. */
  tableProblem: string | null = $state(null);

  /** Names that the messages of any lane use, in reading order, then those of other texts, then those of rules for tools. */
  readonly variableNames: string[] = $derived.by(() => {
    const { draft, lanes } = this.comparison;
    const sets = lanes.some((lane) => lane.forkedMessages === null) ? [draft.messages] : [];
    for (const lane of lanes) if (lane.forkedMessages) sets.push(lane.forkedMessages);
    const base = lanes[0]?.endpoint ?? 'chat';
    const beside = lanes.flatMap((lane) =>
      effectiveParameters(this.comparison, lane)
        .filter(({ name }) => isTemplateParameter(name, lane.endpoint, base))
        .flatMap(({ json }) => namesInJson(json)),
    );
    const rules = draft.toolPlan.rules.flatMap(({ gives }) => (gives.kind === 'text' ? namesInRule(gives.text) : []));
    return unique([...sets.flatMap((messages) => messages.flatMap(namesInMessage)), ...beside, ...rules]);
  });

  /** Names that have a value and are used nowhere. */
  readonly unusedVariables: string[] = $derived.by(() => {
    const { draft } = this.comparison;
    const used = new Set(this.variableNames);
    return draft.variables.map(({ name }) => name).filter((name) => !used.has(name));
  });

  protected override forget(): void {
    super.forget();
    this.rowValues = null;
    this.tableProblem = null;
  }

  /** The variable as it is written down, or as it would be. */
  variableOf(name: string): Variable {
    const known = this.comparison.draft.variables.find((variable) => variable.name === name);
    return known ?? { name, value: '', kind: { kind: 'text' }, default: '' };
  }

  /** The person's own value, which a table may stand in for. */
  variable(name: string): string {
    return this.variableOf(name).value;
  }

  /** Whether the row of a table gives this variable its value. */
  isFromRow(name: string): boolean {
    return this.rowValues?.has(name) ?? false;
  }

  /** What is sent for a variable: of the row, the person's own, or the default. Empty is nothing. */
  sentValue(name: string): string {
    const variable = this.variableOf(name);
    return (this.rowValues?.get(name) ?? variable.value) || variable.default;
  }

  /** Why the value cannot be sent: `weeks is no number`. A missing one has no such words. */
  variableProblem(name: string): string | null {
    return valueProblem(name, this.variableOf(name).kind, this.sentValue(name));
  }

  setVariable(name: string, value: string): void {
    this.#edit(name, (variable) => (variable.value = value));
  }

  setVariableKind(name: string, kind: VariableKind): void {
    this.#edit(name, (variable) => (variable.kind = kind));
  }

  setVariableDefault(name: string, value: string): void {
    this.#edit(name, (variable) => (variable.default = value));
  }

  /** Forgets a value that is used nowhere. */
  deleteVariable(name: string): void {
    const { draft } = this.comparison;
    draft.variables = draft.variables.filter((variable) => variable.name !== name);
    this.touch();
  }

  /** Gives a variable another name wherever it stands. */
  renameVariable(from: string, to: string): void {
    const { draft, lanes } = this.comparison;
    for (const messages of [draft.messages, ...lanes.map((lane) => lane.forkedMessages ?? [])])
      for (const message of messages) renameInMessage(message, from, to);
    for (const parameter of draft.parameters)
      parameter.json = this.#renamedJson(parameter.name, parameter.json, from, to);
    for (const override of lanes.flatMap((lane) => lane.overrides))
      if (override.kind === 'set') {
        const { parameter } = override;
        parameter.json = this.#renamedJson(parameter.name, parameter.json, from, to);
      }
    for (const { gives } of draft.toolPlan.rules) if (gives.kind === 'text') gives.text = renamed(gives.text, from, to);
    for (const variable of draft.variables) if (variable.name === from) variable.name = to;
    this.touch();
  }

  /** Names without a value. With any of these nothing can be sent. */
  readonly missingVariables: string[] = $derived.by(() =>
    this.variableNames.filter((name) => this.sentValue(name) === ''),
  );

  /** Names whose value does not fit their kind. With any of these nothing can be sent either. */
  readonly unfitVariables: UnfitVariable[] = $derived.by(() =>
    this.variableNames.flatMap((name) => {
      const message = this.variableProblem(name);
      return message === null ? [] : [{ name, message }];
    }),
  );

  #edit(name: string, change: (variable: Variable) => void): void {
    const { variables } = this.comparison.draft;
    if (!variables.some((variable) => variable.name === name)) variables.push(this.variableOf(name));
    const variable = variables.find((one) => one.name === name);
    if (variable) change(variable);
    this.touch();
  }

  #renamedJson(name: string, json: string, from: string, to: string): string {
    const { lanes } = this.comparison;
    const base = lanes[0]?.endpoint ?? 'chat';
    const isTemplate = lanes.some((lane) => isTemplateParameter(name, lane.endpoint, base));
    return isTemplate ? renamed(json, from, to) : json;
  }
}

function renameInMessage({ content }: Message, from: string, to: string): void {
  if (content.kind === 'text') content.text = renamed(content.text, from, to);
  if (content.kind === 'parts') for (const part of content.parts) renameInPart(part, from, to);
}

function renameInPart(part: Part, from: string, to: string): void {
  if (part.kind === 'text') part.text = renamed(part.text, from, to);
  else if (part.kind === 'image' && !part.url.startsWith('data:')) part.url = renamed(part.url, from, to);
  else if (part.kind === 'file') {
    if (part.id !== null) part.id = renamed(part.id, from, to);
    if (part.url !== null) part.url = renamed(part.url, from, to);
  }
}
