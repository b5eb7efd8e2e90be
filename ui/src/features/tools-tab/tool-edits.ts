// Every edit to the tools and to where their results come from. The list is the shared one, or that of the current lane
// where it has its own.
import type { EndpointKind } from '../../bindings/EndpointKind';
import type { ToolPlan } from '../../bindings/ToolPlan';
import type { ToolRule } from '../../bindings/ToolRule';
import { insertElement, moveItem, removeItem, withMarginOf } from '../../lib/json-edit';
import { replaceAt } from '../../lib/json-slice';
import { isJson, layOut, quote } from '../../lib/json-text';
import type { ComparisonController } from '../../state/comparison.svelte';
import { structuredCloneOf } from '../../state/comparison/lanes';
import { kindOf } from './kinds';
import { toolProblems, type ToolProblem } from './problems';
import { OWN_KINDS, readTools, spelledFor, titleOf, withMember, type Tool } from './tool-text';
import { toolsView } from './tools-view.svelte';

export const MOST_STEPS = 999;
/** `ToolRule::ANY` of the wire. */
export const ANY_TOOL = '*';
export const RULE_TIMEOUT = 30_000;

export class ToolEdits {
  constructor(readonly comparison: ComparisonController) {}

  // ---- the list

  /** The lane that has a list of its own; `null` while the shared list is shown. */
  get lane(): string | null {
    const { comparison } = this;
    const lane = comparison.currentLane;
    if (comparison.isBase(lane)) return null;
    return comparison.isOverridden(lane, 'tools') || toolsView.own[lane] ? lane : null;
  }

  get #target(): string {
    return this.lane ?? this.comparison.comparison.lanes[0]?.id ?? '';
  }

  /** The endpoint whose words the list is in. */
  get endpoint(): EndpointKind {
    return this.comparison.lane(this.#target)?.endpoint ?? 'chat';
  }

  /** JSON text as it is sent; `null` when no tools are sent. */
  get text(): string | null {
    return this.comparison.value(this.#target, 'tools');
  }

  /** `null` when the text is no list. */
  get tools(): readonly Tool[] | null {
    return readTools(this.text ?? '[]');
  }

  get problems(): ToolProblem[] {
    return toolProblems(this.tools ?? [], this.endpoint, this.comparison.value(this.#target, 'tool_choice'));
  }

  /** Index of the tool on screen; -1 when there is none. Another list may be shorter than the one it was chosen in. */
  get index(): number {
    const { shown } = toolsView;
    return typeof shown === 'number' ? Math.min(shown, (this.tools?.length ?? 0) - 1) : -1;
  }

  get shown(): Tool | null {
    return this.tools?.[this.index] ?? null;
  }

  /** Why the tool on screen cannot be meant, or `null`. */
  get noTool(): string | null {
    return this.shown ? null : 'No tool is shown';
  }

  setText(json: string | null): void {
    if (json === null || json.trim() === '') this.comparison.unsetParameter(this.#target, 'tools');
    else if (json !== this.text) this.comparison.setParameter(this.#target, 'tools', json);
  }

  /** Gives the current lane a list of its own to edit: what it sends now, in the words of its endpoint. */
  makeOwn(): void {
    const { tools, endpoint: shared } = this;
    toolsView.own[this.comparison.currentLane] = true;
    const { endpoint } = this;
    if (endpoint === shared || (endpoint !== 'chat' && endpoint !== 'responses') || !tools?.length) return;
    const carried = tools.filter(({ kind }) => endpoint === 'responses' || OWN_KINDS.includes(kind));
    this.setText(layOut(`[${carried.map(({ json }) => spelledFor(json, endpoint)).join(',')}]`));
    this.#show(0);
  }

  useShared(): void {
    const lane = this.comparison.currentLane;
    delete toolsView.own[lane];
    this.comparison.resetParameter(lane, 'tools');
    this.#show(0);
  }

  /** What keeps a text from being sent, or from being applied. */
  get errors(): number {
    const { tools } = this;
    return tools === null ? 1 : tools.filter((tool) => this.unapplied(tool) !== null).length;
  }

  // ---- one tool

  /** Code of the tool that is no JSON object yet. */
  unapplied(tool: Tool): string | null {
    return toolsView.unapplied[this.#place(tool)] ?? null;
  }

  /** Takes code that was typed: what cannot be a tool waits beside it. */
  setCode(index: number, text: string): void {
    const tool = this.tools?.[index];
    if (!tool) return;
    delete toolsView.unapplied[this.#place(tool)];
    const json = text.trim();
    if (json.startsWith('{') && isJson(json)) this.replace(index, withMarginOf(tool.json, json));
    else toolsView.unapplied[this.#place(tool)] = text;
  }

  #place(tool: Tool): string {
    return `${this.comparison.comparison.id} ${this.lane} ${tool.json}`;
  }

  /** Puts tools, in the words of the endpoint, at the end of the list and shows the first of them. */
  add(tools: readonly string[]): void {
    const before = this.tools ?? [];
    let text = this.text;
    if (text === null || before.length === 0) {
      text = layOut(`[${tools.join(',')}]`);
    } else {
      for (const json of tools) text = insertElement(text, '', Infinity, json);
    }
    this.setText(text);
    this.#show(before.length);
  }

  addKind(type: string): void {
    const kind = kindOf(type, this.endpoint);
    if (!kind) return;
    const inner = kind.start.slice(1, -1);
    this.add([spelledFor(`{"type":${quote(type)}${inner ? `,${inner}` : ''}}`, this.endpoint)]);
    toolsView.part = 'definition';
    toolsView.focus = 'name';
  }

  replace(index: number, json: string): void {
    const tool = this.tools?.[index];
    if (tool && this.text !== null && json !== tool.json) this.setText(replaceAt(this.text, `/${index}`, json));
  }

  /** `at` is the object that has the member, as `withMember` takes it. */
  setMember(index: number, name: string, json: string | null, at?: string): void {
    const tool = this.tools?.[index];
    if (tool) this.replace(index, withMember(tool, name, json, at));
  }

  duplicate(index: number): void {
    const tool = this.tools?.[index];
    if (!tool || this.text === null) return;
    const name = freeName(tool.name, this.tools ?? []);
    const copy = tool.name === '' ? tool.json : withMember(tool, 'name', quote(name));
    this.setText(insertElement(this.text, '', index + 1, copy));
    this.#show(index + 1);
  }

  move(index: number, to: number): void {
    const last = (this.tools?.length ?? 0) - 1;
    if (this.text === null || index === to || to < 0 || to > last) return;
    this.setText(moveItem(this.text, '', index, to));
    this.#show(to);
  }

  delete(index: number): void {
    const tool = this.tools?.[index];
    const before = this.text;
    if (!tool || before === null) return;
    const left = (this.tools?.length ?? 1) - 1;
    const lane = this.lane;
    const after = left === 0 ? null : removeItem(before, '', index);
    toolsView.deleted = {
      comparison: this.comparison.comparison.id,
      lane,
      index,
      title: titleOf(tool),
      json: tool.json,
      before,
      after,
    };
    if (lane !== null) toolsView.own[lane] = true;
    this.setText(after);
    this.#show(Math.max(0, Math.min(index, left - 1)));
  }

  /** The tool that was deleted last from the list on screen. */
  get deleted() {
    const { deleted } = toolsView;
    return deleted?.comparison === this.comparison.comparison.id && deleted.lane === this.lane ? deleted : null;
  }

  restore(): void {
    const { deleted } = this;
    if (!deleted) return;
    toolsView.deleted = null;
    if (this.text === deleted.after) this.setText(deleted.before);
    else this.setText(insertElement(this.text ?? '[]', '', deleted.index, deleted.json));
    this.#show(deleted.index);
  }

  #show(index: number): void {
    toolsView.shown = index;
    toolsView.focus = 'row';
  }

  // ---- where results come from

  get plan(): ToolPlan {
    return this.comparison.comparison.draft.toolPlan;
  }

  /** Names of the tools whose calls wait for a result, of every lane. */
  get names(): string[] {
    const { comparison } = this;
    const lists = comparison.comparison.lanes.map(({ id }) => readTools(comparison.value(id, 'tools') ?? '[]') ?? []);
    const own = lists.flat().filter(({ kind, name }) => OWN_KINDS.includes(kind) && name !== '');
    return [...new Set(own.map(({ name }) => name))];
  }

  setPlan(change: Partial<Pick<ToolPlan, 'mode' | 'mostSteps'>>): void {
    Object.assign(this.plan, change);
    this.comparison.touch();
  }

  addRule(tool: string): void {
    this.plan.rules.push({ tool, when: [], gives: { kind: 'text', text: '' } });
    toolsView.rule = this.plan.rules.length - 1;
    toolsView.focus = 'rule';
    this.comparison.touch();
  }

  setRule(index: number, change: Partial<ToolRule>): void {
    const rule = this.plan.rules[index];
    if (!rule) return;
    Object.assign(rule, change);
    this.comparison.touch();
  }

  moveRule(index: number, to: number): void {
    const { rules } = this.plan;
    const [rule] = to >= 0 && to < rules.length ? rules.splice(index, 1) : [];
    if (!rule) return;
    rules.splice(to, 0, rule);
    toolsView.rule = to;
    toolsView.focus = 'rule';
    this.comparison.touch();
  }

  deleteRule(index: number): void {
    const [rule] = this.plan.rules.splice(index, 1);
    if (rule)
      toolsView.deletedRule = { comparison: this.comparison.comparison.id, index, rule: structuredCloneOf(rule) };
    toolsView.rule = this.plan.rules.length === 0 ? null : Math.min(index, this.plan.rules.length - 1);
    toolsView.focus = toolsView.rule === null ? null : 'rule';
    this.comparison.touch();
  }

  get deletedRule() {
    const { deletedRule } = toolsView;
    return deletedRule?.comparison === this.comparison.comparison.id ? deletedRule : null;
  }

  restoreRule(): void {
    const { deletedRule } = this;
    if (!deletedRule) return;
    toolsView.deletedRule = null;
    this.plan.rules.splice(deletedRule.index, 0, deletedRule.rule);
    toolsView.rule = Math.min(deletedRule.index, this.plan.rules.length - 1);
    toolsView.focus = 'rule';
    this.comparison.touch();
  }

  /** Has rules follow a tool to its new name, unless another tool bears the old one. */
  renamed(from: string, to: string): void {
    if (from === '' || to === '' || from === to || this.names.includes(from)) return;
    const followers = this.plan.rules.filter(({ tool }) => tool === from);
    for (const rule of followers) rule.tool = to;
    if (followers.length > 0) this.comparison.touch();
  }
}

/** `get_weather_2` where there is a `get_weather`. */
function freeName(name: string, tools: readonly Tool[]): string {
  const stem = name.replace(/_\d+$/, '');
  for (let number = 2; ; number += 1) {
    const free = `${stem}_${number}`;
    if (!tools.some((tool) => tool.name === free)) return free;
  }
}
