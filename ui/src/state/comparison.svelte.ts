// The comparison on screen: one draft, its lanes, and every edit to them. What is saved, the lanes, their messages and
// the variables are layers below; here are its parameters.
import { checkValue, serverWords } from './comparison/check';
import { documents, isLeftOut, leaveOutUndocumented } from './comparison/dialects';
import { contentMember } from './comparison/endpoints';
import { indexOfSent, messagePath } from './comparison/messages';
import {
  baseValue,
  effectiveParameters,
  effectiveValue,
  modifiedNames,
  overrideName,
  renameParameter,
  resetParameter,
  setParameter,
  unsetParameter,
  type EffectiveParameter,
} from './comparison/parameters';
import { VariableEdits } from './comparison/variable-edits.svelte';

export { MAX_REPEATS, SAVE_AFTER } from './comparison/saved.svelte';

export class ComparisonController extends VariableEdits {
  // ---- parameters

  effective(lane: string): EffectiveParameter[] {
    const target = this.lane(lane);
    return target ? effectiveParameters(this.comparison, target) : [];
  }

  value(lane: string, name: string): string | null {
    const target = this.lane(lane);
    return target ? effectiveValue(this.comparison, target, name) : null;
  }

  /** JSON text in the base lane; `null` when it does not send the key. */
  baseValue(name: string): string | null {
    return baseValue(this.comparison, name);
  }

  modified(lane: string): string[] {
    const target = this.lane(lane);
    return target ? modifiedNames(this.comparison, target) : [];
  }

  setParameter(lane: string, name: string, json: string): void {
    const index = this.indexOf(lane);
    const isNew = index === 0 && this.baseValue(name) === null;
    setParameter(this.comparison, index, name, json, this.#order(lane));
    // A key that is new in the draft reaches every lane, also those whose dialect does not document it.
    if (isNew) {
      for (const other of this.comparison.lanes.slice(1)) {
        leaveOutUndocumented(this.comparison, other, this.table(other), this.facts.tables, name);
      }
    }
    this.#edited(lane, name);
  }

  unsetParameter(lane: string, name: string): void {
    unsetParameter(this.comparison, this.indexOf(lane), name);
    this.#edited(lane, name);
  }

  resetParameter(lane: string, name: string): void {
    resetParameter(this.comparison, this.indexOf(lane), name);
    this.#edited(lane, name);
  }

  /** Modified keys that a reset gives back: not those that the lane's dialect does not document. */
  resettable(lane: string): string[] {
    return this.modified(lane).filter((name) => !this.isLeftOut(lane, name));
  }

  resetModified(lane: string): void {
    for (const name of this.resettable(lane)) this.resetParameter(lane, name);
  }

  /** The draft has the key, and the lane leaves it out because its dialect does not document it. */
  isLeftOut(lane: string, name: string): boolean {
    const target = this.lane(lane);
    return target !== null && isLeftOut(target, this.table(target), this.facts.tables, name);
  }

  /** The draft's key is in the words of another endpoint, and the engine says what becomes of it in this lane. */
  isCarried(lane: string, name: string): boolean {
    const [base] = this.comparison.lanes;
    const target = this.lane(lane);
    if (!base || !target || target.endpoint === base.endpoint) return false;
    if (target.overrides.some((override) => overrideName(override) === name)) return false;
    // Generic inference takes all of the draft into its arguments.
    if (target.endpoint === 'generic') return true;
    return this.facts.tables.some((table) => table.endpoint === base.endpoint && documents(table, name));
  }

  /** The lane says something itself about the key, be it that it is left out. */
  isOverridden(lane: string, name: string): boolean {
    return this.lane(lane)?.overrides.some((override) => overrideName(override) === name) ?? false;
  }

  renameParameter(lane: string, from: string, to: string): void {
    renameParameter(this.comparison, this.indexOf(lane), from, to, this.#order(lane));
    this.#edited(lane, from);
  }

  #order(lane: string): string[] {
    return this.table(lane).parameters.map((spec) => spec.name);
  }

  #edited(lane: string, name: string): void {
    this.dropServerProblem(lane, name);
    // An edit of the base reaches every lane that follows it.
    if (this.isBase(lane)) for (const other of this.comparison.lanes) this.dropServerProblem(other.id, name);
    this.touch();
  }

  // ---- what does not fit

  /** What the table says against a value, or `null`. It warns; nothing is forbidden. */
  problem(lane: string, name: string): string | null {
    const json = this.value(lane, name);
    return json === null ? null : checkValue(this.spec(lane, name)?.kind ?? null, json);
  }

  /** What the server said of the message at `index` of the composer. */
  serverMessageProblem(lane: string, index: number): string | null {
    for (const field of this.serverProblems[lane] ?? []) {
      const member = contentMember(this.lane(lane)?.endpoint ?? 'chat');
      if (member === null || field.parameter !== member) continue;
      const sent = Number(field.path[field.path.indexOf(member) + 1]);
      if (Number.isInteger(sent) && indexOfSent(this.messagesOf(lane), sent) === index)
        return serverWords(field.message);
    }
    return null;
  }

  // ---- focus

  /** Selects the lane and asks for the focus at a parameter, a message (`messages[0].content`) or the model. */
  focusParameter(lane: string, name: string): void {
    this.selectLane(lane);
    const path = messagePath(name);
    if (path) {
      const index = path.sent === null ? 0 : Math.max(0, indexOfSent(this.messagesOf(lane), path.sent));
      this.askFocus({ kind: 'message', lane, index });
    } else if (name === 'model') {
      this.askFocus({ kind: 'model', lane });
    } else {
      this.askFocus({ kind: 'parameter', lane, name });
    }
  }
}
