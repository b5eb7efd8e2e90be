// The comparison on screen: one draft, its lanes, and every edit to them. Each edit is saved a moment after it was made.
import type { AppError } from '../bindings/AppError';
import type { Comparison } from '../bindings/Comparison';
import type { ComparisonSummary } from '../bindings/ComparisonSummary';
import type { Connection } from '../bindings/Connection';
import type { Dialect } from '../bindings/Dialect';
import type { FieldError } from '../bindings/FieldError';
import type { Lane } from '../bindings/Lane';
import type { Message } from '../bindings/Message';
import type { Parameter } from '../bindings/Parameter';
import type { ParameterSpec } from '../bindings/ParameterSpec';
import type { ParameterTable } from '../bindings/ParameterTable';
import type { Role } from '../bindings/Role';
import { isTemplateParameter, namesInJson, namesInMessage, unique } from '../lib/variables';
import type { Host } from '../platform/host';
import { checkValue, serverWords } from './comparison/check';
import { contentMember } from './comparison/endpoints';
import { LaneEndpoints } from './comparison/lane-endpoints';
import { adaptLane, documents, isLeftOut, leaveOutUndocumented } from './comparison/dialects';
import {
  MAX_LANES,
  closeLane,
  copyMessages,
  duplicateLane,
  foldBaseOverrides,
  laneLetter,
  moveLane,
  restoreLane,
  type ClosedLane,
} from './comparison/lanes';
import { contentWithText, indexOfSent, messagePath, newMessage, nextRole } from './comparison/messages';
import { newComparison, newLane } from './comparison/new';
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

/** What the controller reads from the rest of the app. */
export interface ComparisonFacts {
  readonly connections: Connection[];
  readonly tables: ParameterTable[];
}

/** Where the window should put the focus next. `serial` grows, so that the same place can be asked for twice. */
export type FocusRequest =
  | { kind: 'parameter'; lane: string; name: string; serial: number }
  | { kind: 'message'; lane: string; index: number; serial: number }
  | { kind: 'model'; lane: string; serial: number };

type FocusTarget =
  | { kind: 'parameter'; lane: string; name: string }
  | { kind: 'message'; lane: string; index: number }
  | { kind: 'model'; lane: string };

interface DeletedMessage {
  lane: string;
  forked: boolean;
  index: number;
  message: Message;
  name: string;
}

/** Quiet time after the last edit before it is saved, milliseconds. */
export const SAVE_AFTER = 300;
export const MAX_REPEATS = 99;

export class ComparisonController {
  comparison: Comparison = $state(newComparison('Untitled', newLane('', ''), null));
  /** Id of the current lane. */
  currentLane: string = $state('');
  /** False until something was opened; nothing is saved before. */
  isOpen: boolean = $state(false);
  /** Grows with each edit. */
  revision: number = $state(0);
  saveError: AppError | null = $state.raw(null);
  focusRequest: FocusRequest | null = $state.raw(null);
  deletedMessage: DeletedMessage | null = $state.raw(null);
  /** Called with each saved row, so that a list elsewhere follows. */
  onSaved: ((summary: ComparisonSummary) => void) | null = null;
  /** Called before the focus goes to a parameter, so that the panel is there to be focused. */
  onFocus: ((kind: FocusRequest['kind']) => void) | null = null;

  /** Which endpoint each lane calls. */
  readonly endpoints: LaneEndpoints;

  #closed: ClosedLane[] = $state.raw([]);
  #serverProblems: Record<string, FieldError[]> = $state.raw({});
  #setAside = new Map<string, Parameter[]>();
  #ownInput = new Map<string, Message[]>();
  #serial = 0;
  #savedRevision = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #saving: Promise<void> = Promise.resolve();

  constructor(
    private readonly host: Host,
    readonly facts: ComparisonFacts,
  ) {
    this.endpoints = new LaneEndpoints(host, this, this.#setAside);
    this.currentLane = this.comparison.lanes[0]?.id ?? '';
  }

  // ---- opening and saving

  open(comparison: Comparison): void {
    void this.flush();
    const own = $state.snapshot(comparison) as Comparison;
    if (own.lanes.length === 0) own.lanes.push(newLane(this.facts.connections[0]?.id ?? '', ''));
    foldBaseOverrides(own);
    this.comparison = own;
    this.currentLane = own.lanes[0]?.id ?? '';
    this.#closed = [];
    this.#serverProblems = {};
    this.#setAside.clear();
    this.endpoints.clear();
    this.#ownInput.clear();
    this.deletedMessage = null;
    this.focusRequest = null;
    this.isOpen = true;
    this.revision += 1;
    this.#savedRevision = this.revision;
  }

  /** A plain copy, for the host and for the clipboard. */
  snapshot(): Comparison {
    return $state.snapshot(this.comparison) as Comparison;
  }

  /** Every edit ends here. */
  touch(): void {
    this.revision += 1;
    if (!this.isOpen) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), SAVE_AFTER);
  }

  /** Saves what is not saved yet, and waits for it. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.isOpen || this.#savedRevision === this.revision) return this.#saving;
    const revision = this.revision;
    const comparison = this.snapshot();
    this.#savedRevision = revision;
    this.#saving = this.#saving.then(async () => {
      try {
        const summary = await this.host.saveComparison(comparison);
        this.saveError = null;
        this.onSaved?.(summary);
      } catch (error) {
        this.saveError = error as AppError;
        // The next edit or flush tries again.
        if (this.comparison.id === comparison.id) this.#savedRevision = -1;
      }
    });
    return this.#saving;
  }

  /** Saves when the window is hidden or goes away. Returns the way to stop listening. */
  attach(target: Window = window): () => void {
    const hidden = (): void => {
      if (target.document.visibilityState === 'hidden') void this.flush();
    };
    const leaving = (): void => void this.flush();
    target.document.addEventListener('visibilitychange', hidden);
    target.addEventListener('beforeunload', leaving);
    target.addEventListener('pagehide', leaving);
    return () => {
      target.document.removeEventListener('visibilitychange', hidden);
      target.removeEventListener('beforeunload', leaving);
      target.removeEventListener('pagehide', leaving);
    };
  }

  rename(name: string): void {
    this.comparison.name = name;
    this.touch();
  }

  setRepeats(repeats: number): void {
    if (!Number.isFinite(repeats)) return;
    this.comparison.repeats = Math.min(MAX_REPEATS, Math.max(1, Math.round(repeats)));
    this.touch();
  }

  // ---- lanes

  laneLetter(index: number): string {
    return laneLetter(index);
  }

  letterOf(lane: string): string {
    return laneLetter(this.indexOf(lane));
  }

  indexOf(lane: string): number {
    return this.comparison.lanes.findIndex((candidate) => candidate.id === lane);
  }

  lane(id: string): Lane | null {
    return this.comparison.lanes.find((candidate) => candidate.id === id) ?? null;
  }

  get current(): Lane | null {
    return this.lane(this.currentLane) ?? this.comparison.lanes[0] ?? null;
  }

  isBase(lane: string): boolean {
    return this.indexOf(lane) === 0;
  }

  selectLane(lane: string): void {
    if (this.lane(lane)) this.currentLane = lane;
  }

  connectionOf(lane: Lane): Connection | null {
    return this.facts.connections.find((connection) => connection.id === lane.connection) ?? null;
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
    this.#serverProblems = { ...this.#serverProblems, [lane]: [] };
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
      if (target.model !== lane.model) this.#dropServerProblem(lane.id, 'model');
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
    this.#dropServerProblem(lane, 'model');
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

  #dialectOf(lane: Lane | null): Dialect {
    return (lane && this.connectionOf(lane)?.dialect) ?? 'openAi';
  }

  /** Call with the tables as they were when a saved connection got another dialect. */
  connectionChanged(before: Connection): void {
    for (const lane of this.comparison.lanes) {
      if (lane.connection !== before.id) continue;
      if (this.endpoints.isIn(this.#dialectOf(lane), lane.endpoint)) {
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

  // ---- input

  sharesInput(lane: string): boolean {
    return this.lane(lane)?.forkedMessages === null;
  }

  /** Gives a lane messages of its own, or the shared ones again. Its own come back when it is forked once more. */
  setSharedInput(lane: string, shared: boolean): void {
    const target = this.lane(lane);
    if (!target || this.sharesInput(lane) === shared) return;
    if (shared) {
      if (target.forkedMessages) this.#ownInput.set(lane, $state.snapshot(target.forkedMessages) as Message[]);
      target.forkedMessages = null;
    } else {
      target.forkedMessages = this.#ownInput.get(lane) ?? copyMessages(this.comparison.draft.messages);
      this.#ownInput.delete(lane);
    }
    this.deletedMessage = null;
    this.touch();
  }

  /** The messages that a lane sends. */
  messagesOf(lane: string): Message[] {
    return this.lane(lane)?.forkedMessages ?? this.comparison.draft.messages;
  }

  /** The messages in the composer: those of the current lane. */
  get messages(): Message[] {
    return this.messagesOf(this.currentLane);
  }

  setText(message: Message, text: string): void {
    // The text alone changes where it can, so that no other editor hears of it.
    if (message.content.kind === 'text') message.content.text = text;
    else message.content = contentWithText(message.content, text);
    this.touch();
  }

  setRole(message: Message, role: Role): void {
    message.role = role;
    if (role === 'tool' && !message.members.some((member) => member.name === 'tool_call_id')) {
      message.members.push({ name: 'tool_call_id', json: '""' });
    }
    this.touch();
  }

  setMuted(message: Message, muted: boolean): void {
    message.muted = muted;
    this.touch();
  }

  setContent(message: Message, content: Message['content']): void {
    message.content = content;
    this.touch();
  }

  setMembers(message: Message, members: Parameter[]): void {
    message.members = members;
    this.touch();
  }

  /** Adds a message below `index`, at the end unless told, and focuses it. */
  addMessage(index: number = this.messages.length - 1, role?: Role): void {
    const messages = this.messages;
    const at = Math.min(index + 1, messages.length);
    messages.splice(at, 0, newMessage(role ?? nextRole(messages, at - 1)));
    this.touch();
    this.#focus({ kind: 'message', lane: this.currentLane, index: at });
  }

  moveMessage(index: number, by: number): void {
    const messages = this.messages;
    const to = index + by;
    const message = messages[index];
    if (!message || to < 0 || to >= messages.length) return;
    messages.splice(index, 1);
    messages.splice(to, 0, message);
    this.touch();
    this.#focus({ kind: 'message', lane: this.currentLane, index: to });
  }

  deleteMessage(index: number, name: string): void {
    const messages = this.messages;
    const message = messages[index];
    if (!message) return;
    this.deletedMessage = {
      lane: this.currentLane,
      forked: !this.sharesInput(this.currentLane),
      index,
      message: $state.snapshot(message) as Message,
      name,
    };
    messages.splice(index, 1);
    this.touch();
    if (messages.length > 0)
      this.#focus({ kind: 'message', lane: this.currentLane, index: Math.min(index, messages.length - 1) });
  }

  /** Puts the message that was deleted last back where it was. */
  restoreMessage(): void {
    const deleted = this.deletedMessage;
    if (!deleted) return;
    const messages = deleted.forked ? this.lane(deleted.lane)?.forkedMessages : this.comparison.draft.messages;
    this.deletedMessage = null;
    if (!messages) return;
    messages.splice(Math.min(deleted.index, messages.length), 0, deleted.message);
    this.touch();
    this.#focus({ kind: 'message', lane: deleted.lane, index: deleted.index });
  }

  focusMessage(index: number): void {
    const last = this.messages.length - 1;
    if (last >= 0) this.#focus({ kind: 'message', lane: this.currentLane, index: Math.min(Math.max(index, 0), last) });
  }

  // ---- variables

  /** Names that the messages of any lane use, in reading order, then those of other texts. */
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
    return unique([...sets.flatMap((messages) => messages.flatMap(namesInMessage)), ...beside]);
  });

  variable(name: string): string {
    return this.comparison.draft.variables.find((variable) => variable.name === name)?.value ?? '';
  }

  setVariable(name: string, value: string): void {
    const known = this.comparison.draft.variables.find((variable) => variable.name === name);
    if (known) known.value = value;
    else this.comparison.draft.variables.push({ name, value });
    this.touch();
  }

  /** Names without a value. With any of these nothing can be sent. */
  readonly missingVariables: string[] = $derived.by(() => {
    const values = new Map(this.comparison.draft.variables.map(({ name, value }) => [name, value]));
    return this.variableNames.filter((name) => !values.get(name));
  });

  // ---- parameters

  table(lane: string | Lane): ParameterTable {
    const target = typeof lane === 'string' ? this.lane(lane) : lane;
    return this.tableFor(target, this.#dialectOf(target));
  }

  /** The table of a lane's endpoint in a dialect, that of its connection unless told. */
  tableFor(lane: Pick<Lane, 'endpoint'> | null, dialect: Dialect): ParameterTable {
    const endpoint = lane?.endpoint ?? 'chat';
    const table = this.facts.tables.find(
      (candidate) => candidate.endpoint === endpoint && candidate.dialect === dialect,
    );
    return table ?? { endpoint, dialect, parameters: [] };
  }

  spec(lane: string, name: string): ParameterSpec | null {
    return this.table(lane).parameters.find((spec) => spec.name === name) ?? null;
  }

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
    this.#dropServerProblem(lane, name);
    // An edit of the base reaches every lane that follows it.
    if (this.isBase(lane)) for (const other of this.comparison.lanes) this.#dropServerProblem(other.id, name);
    this.touch();
  }

  // ---- what does not fit

  /** What the table says against a value, or `null`. It warns; nothing is forbidden. */
  problem(lane: string, name: string): string | null {
    const json = this.value(lane, name);
    return json === null ? null : checkValue(this.spec(lane, name)?.kind ?? null, json);
  }

  /** Call with the fields of a 422, or with none when the lane starts anew. */
  setServerProblems(lane: string, fields: FieldError[]): void {
    this.#serverProblems = { ...this.#serverProblems, [lane]: fields };
  }

  /** What the server said of a parameter when the lane was last refused, until the value is changed. */
  serverProblem(lane: string, parameter: string): string | null {
    const field = this.#serverProblems[lane]?.find((candidate) => candidate.parameter === parameter);
    return field ? serverWords(field.message) : null;
  }

  /** What the server said of the message at `index` of the composer. */
  serverMessageProblem(lane: string, index: number): string | null {
    for (const field of this.#serverProblems[lane] ?? []) {
      const member = contentMember(this.lane(lane)?.endpoint ?? 'chat');
      if (member === null || field.parameter !== member) continue;
      const sent = Number(field.path[field.path.indexOf(member) + 1]);
      if (Number.isInteger(sent) && indexOfSent(this.messagesOf(lane), sent) === index)
        return serverWords(field.message);
    }
    return null;
  }

  #dropServerProblem(lane: string, parameter: string): void {
    const fields = this.#serverProblems[lane];
    if (!fields?.some((field) => field.parameter === parameter)) return;
    this.setServerProblems(
      lane,
      fields.filter((field) => field.parameter !== parameter),
    );
  }

  // ---- focus

  /** Selects the lane and asks for the focus at a parameter, a message (`messages[0].content`) or the model. */
  focusParameter(lane: string, name: string): void {
    this.selectLane(lane);
    const path = messagePath(name);
    if (path) {
      const index = path.sent === null ? 0 : Math.max(0, indexOfSent(this.messagesOf(lane), path.sent));
      this.#focus({ kind: 'message', lane, index });
    } else if (name === 'model') {
      this.#focus({ kind: 'model', lane });
    } else {
      this.#focus({ kind: 'parameter', lane, name });
    }
  }

  #focus(target: FocusTarget): void {
    this.#serial += 1;
    this.onFocus?.(target.kind);
    this.focusRequest = { ...target, serial: this.#serial };
  }
}
