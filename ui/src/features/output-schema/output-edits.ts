// Every edit to the form of answers. It is the shared one, in the words of the base lane's endpoint, or that of the
// current lane where it has its own.
import type { EndpointKind } from '../../bindings/EndpointKind';
import { withMarginOf, withoutMargin } from '../../lib/json-edit';
import { unquote } from '../../lib/json-text';
import type { ComparisonController } from '../../state/comparison.svelte';
import { OutputFormat, wordsOf, type OutputMode } from './output-format';
import { outputView } from './output-view.svelte';

export class OutputEdits {
  constructor(readonly comparison: ComparisonController) {}

  /** The lane that has a form of its own; `null` while the shared one is shown. */
  get lane(): string | null {
    const { comparison } = this;
    const lane = comparison.currentLane;
    if (comparison.isBase(lane)) return null;
    const parameter = wordsOf(comparison.lane(lane)?.endpoint ?? 'chat')?.parameter;
    const own = parameter !== undefined && comparison.isOverridden(lane, parameter);
    return own || outputView.own[lane] ? lane : null;
  }

  /** The current lane leaves the shared form out, because its dialect does not document the parameter. */
  get isLeftOut(): boolean {
    const { currentLane } = this.comparison;
    const words = wordsOf(this.comparison.lane(currentLane)?.endpoint ?? 'chat');
    return words !== null && !outputView.own[currentLane] && this.comparison.isLeftOut(currentLane, words.parameter);
  }

  get #target(): string {
    return this.lane ?? this.comparison.comparison.lanes[0]?.id ?? '';
  }

  get endpoint(): EndpointKind {
    return this.comparison.lane(this.#target)?.endpoint ?? 'chat';
  }

  /** `null` for an endpoint whose answers have no form that could be asked for. */
  get format(): OutputFormat | null {
    const words = wordsOf(this.endpoint);
    return words ? new OutputFormat(this.comparison.value(this.#target, words.parameter), words) : null;
  }

  /** What the tab says beside its name. */
  get tabCount(): { count: string | null; invalid: boolean } {
    const { format } = this;
    if (format && !format.isJson) return { count: '1', invalid: true };
    const mode = format?.mode ?? 'none';
    return { count: mode === 'none' || mode === 'text' ? null : 'on', invalid: false };
  }

  get #place(): string {
    return `${this.comparison.comparison.id} ${this.#target} ${this.endpoint}`;
  }

  #set(text: string | null): void {
    const { format } = this;
    if (!format || text === format.text) return;
    if (text === null) this.comparison.unsetParameter(this.#target, format.words.parameter);
    else this.comparison.setParameter(this.#target, format.words.parameter, text);
  }

  setMode(mode: Exclude<OutputMode, 'other'>): void {
    const { format } = this;
    if (!format || mode === format.mode) return;
    if (format.kept !== null) outputView.kept.set(this.#place, format.kept);
    this.#set(format.withMode(mode, outputView.kept.get(this.#place) ?? null));
  }

  setMember(name: string, json: string | null): void {
    const { format } = this;
    if (format) this.#set(format.withMember(name, json));
  }

  get name(): string | null {
    const json = this.format?.member('name') ?? null;
    return json === null ? null : unquote(json);
  }

  get strict(): 'unset' | 'true' | 'false' {
    const json = this.format?.member('strict');
    return json === 'true' || json === 'false' ? json : 'unset';
  }

  /** The schema, without the margin that it has within the parameter; `null` when there is none. */
  get schema(): string | null {
    const json = this.format?.member('schema') ?? null;
    return json === null ? null : withoutMargin(json);
  }

  setSchema(schema: string): void {
    const { format } = this;
    const before = format?.member('schema') ?? null;
    if (format) this.#set(format.withMember('schema', before === null ? schema : withMarginOf(before, schema)));
  }

  /** Gives the current lane a form of its own to edit. */
  makeOwn(): void {
    outputView.own[this.comparison.currentLane] = true;
  }

  useShared(): void {
    const lane = this.comparison.currentLane;
    delete outputView.own[lane];
    const words = wordsOf(this.comparison.lane(lane)?.endpoint ?? 'chat');
    if (words) this.comparison.resetParameter(lane, words.parameter);
  }
}
