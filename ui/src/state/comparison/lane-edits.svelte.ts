// Edits to the lanes of a comparison, and what servers said against what a lane sends.
import type { Comparison } from '../../bindings/Comparison';
import type { Connection } from '../../bindings/Connection';
import type { FieldError } from '../../bindings/FieldError';
import type { Lane } from '../../bindings/Lane';
import type { Parameter } from '../../bindings/Parameter';
import type { ParameterTable } from '../../bindings/ParameterTable';
import type { Host } from '../../platform/host';
import { serverWords } from './check';
import { adaptLane, documents, leaveOutUndocumented } from './dialects';
import { LaneEndpoints } from './lane-endpoints';
import { MAX_LANES, closeLane, duplicateLane, moveLane, restoreLane, type ClosedLane } from './lanes';
import { newLane } from './new';
import { SavedComparison, type ComparisonFacts } from './saved.svelte';

export class LaneEdits extends SavedComparison {
  #closed: ClosedLane[] = $state.raw([]);
  protected serverProblems: Record<string, FieldError[]> = $state.raw({});
  #setAside = new Map<string, Parameter[]>();
  /** Which endpoint each lane calls. */
  readonly endpoints: LaneEndpoints;

  constructor(host: Host, facts: ComparisonFacts) {
    super(host, facts);
    this.endpoints = new LaneEndpoints(host, this, this.#setAside);
  }

  protected override forget(): void {
    super.forget();
    this.#closed = [];
    this.serverProblems = {};
    this.#setAside.clear();
    this.endpoints.clear();
  }

  /** Why no lane can be added, or `null`. */
  addLaneReason(): string | null {
    return this.comparison.lanes.length >= MAX_LANES ? `${MAX_LANES} lanes are the most` : null;
  }

  /** Adds a copy of a lane, of the current one unless told, and makes it current. */
  duplicateLane(lane: string = this.currentLane): Lane | null {
    const index = this.indexOf(lane);
    const copy = duplicateLane(this.comparison, index);
    if (!copy) return null;
    this.currentLane = copy.id;
    this.touch();
    return this.lane(copy.id);
  }

  /** Adds a lane at the end with a model of its own. */
  addLane(connection: string, model: string): Lane | null {
    if (this.addLaneReason() !== null) return null;
    const lane = newLane(connection, model);
    this.comparison.lanes.push(lane);
    const added = this.lane(lane.id);
    if (added) leaveOutUndocumented(this.comparison, added, this.table(added), this.facts.tables);
    this.currentLane = lane.id;
    this.touch();
    return added;
  }

  closeLaneReason(): string | null {
    return this.comparison.lanes.length === 1 ? 'One lane has to stay' : null;
  }

  closeLane(lane: string = this.currentLane): void {
    const index = this.indexOf(lane);
    const closed = closeLane(this.comparison, index, this.endpoints.sentBy);
    if (!closed) return;
    this.#closed = [...this.#closed, closed];
    if (this.currentLane === lane) {
      const neighbour = this.comparison.lanes[Math.min(index, this.comparison.lanes.length - 1)];
      this.currentLane = neighbour?.id ?? '';
    }
    this.touch();
  }

  restoreLaneReason(): string | null {
    if (this.#closed.length === 0) return 'No lane was closed';
    return this.addLaneReason();
  }

  restoreLane(): void {
    const closed = this.#closed.at(-1);
    if (!closed) return;
    const lane = restoreLane(this.comparison, closed, this.endpoints.sentBy);
    if (!lane) return;
    this.#closed = this.#closed.slice(0, -1);
    this.currentLane = lane.id;
    this.touch();
  }

  moveLane(lane: string, to: number): void {
    if (moveLane(this.comparison, this.indexOf(lane), to, this.endpoints.sentBy)) this.touch();
  }

  setLaneMuted(lane: string, muted: boolean): void {
    const target = this.lane(lane);
    if (!target) return;
    target.muted = muted;
    this.touch();
  }

  /** Bytes that the lane sends instead of what the form makes; `null` goes back to the form. */
  setRawBody(lane: string, body: string | null): void {
    const target = this.lane(lane);
    if (!target || target.rawBody === body) return;
    target.rawBody = body;
    this.serverProblems = { ...this.serverProblems, [lane]: [] };
    this.touch();
  }

  /** Whether a run stops at the lane, so that its body can be edited first. */
  setHold(lane: string, hold: boolean): void {
    const target = this.lane(lane);
    if (!target) return;
    target.hold = hold;
    this.touch();
  }

  /** Takes a comparison in which the body of a lane was edited as JSON: its draft, and what its lanes send. */
  takeBody(edited: Comparison): void {
    this.comparison.draft = edited.draft;
    for (const lane of edited.lanes) {
      const target = this.lane(lane.id);
      if (!target) continue;
      if (target.model !== lane.model) this.dropServerProblem(lane.id, 'model');
      target.model = lane.model;
      target.overrides = lane.overrides;
      target.forkedMessages = lane.forkedMessages;
      target.rawBody = lane.rawBody;
    }
    this.touch();
  }

  setModel(lane: string, model: string): void {
    const target = this.lane(lane);
    if (!target || target.model === model) return;
    target.model = model;
    this.dropServerProblem(lane, 'model');
    this.touch();
  }

  /** Points a lane at another connection and, when its dialect is another one, adapts what the lane sends. */
  async setConnection(lane: string, connection: string, model?: string): Promise<void> {
    const target = this.lane(lane);
    if (!target) return;
    const dialect = this.facts.connections.find(({ id }) => id === connection)?.dialect;
    if (dialect && !this.endpoints.isIn(dialect, target.endpoint)) {
      // It becomes a chat, which all have, while what it sends can still be carried over.
      await this.endpoints.set(lane, 'chat');
    }
    const from = this.table(target);
    target.connection = connection;
    if (model !== undefined) target.model = model;
    this.#adapt(target, from);
    this.touch();
  }

  /** Call with the tables as they were when a saved connection got another dialect. */
  connectionChanged(before: Connection): void {
    for (const lane of this.comparison.lanes) {
      if (lane.connection !== before.id) continue;
      if (this.endpoints.isIn(this.dialectOf(lane), lane.endpoint)) {
        this.#adapt(lane, this.tableFor(lane, before.dialect));
        this.touch();
      } else void this.endpoints.set(lane.id, 'chat');
    }
  }

  #adapt(lane: Lane, from: ParameterTable): void {
    const to = this.table(lane);
    if (from.dialect === to.dialect) return;
    const aside = this.#setAside.get(lane.id) ?? [];
    const givenUp = adaptLane(this.comparison, this.indexOf(lane.id), from, to, this.facts.tables, aside);
    const still = aside.filter(({ name }) => !documents(to, name));
    this.#setAside.set(lane.id, [...still, ...givenUp]);
  }

  // ---- what a server refused

  /** Call with the fields of a 422, or with none when the lane starts anew. */
  setServerProblems(lane: string, fields: FieldError[]): void {
    this.serverProblems = { ...this.serverProblems, [lane]: fields };
  }

  /** What the server said of a parameter when the lane was last refused, until the value is changed. */
  serverProblem(lane: string, parameter: string): string | null {
    const field = this.serverProblems[lane]?.find((candidate) => candidate.parameter === parameter);
    return field ? serverWords(field.message) : null;
  }

  protected dropServerProblem(lane: string, parameter: string): void {
    const fields = this.serverProblems[lane];
    if (!fields?.some((field) => field.parameter === parameter)) return;
    this.setServerProblems(
      lane,
      fields.filter((field) => field.parameter !== parameter),
    );
  }
}
