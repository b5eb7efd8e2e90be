// Which endpoint each lane calls, and what it takes to call another one.
import type { Comparison } from '../../bindings/Comparison';
import type { Connection } from '../../bindings/Connection';
import type { Dialect } from '../../bindings/Dialect';
import type { EndpointKind } from '../../bindings/EndpointKind';
import type { Lane } from '../../bindings/Lane';
import type { Override } from '../../bindings/Override';
import type { Parameter } from '../../bindings/Parameter';
import type { ParameterTable } from '../../bindings/ParameterTable';
import type { RequestView } from '../../bindings/RequestView';
import type { Host } from '../../platform/host';
import { documents } from './dialects';
import { changeBaseEndpoint, changeEndpoint, endpointsOf } from './endpoints';
import { effectiveParameters, putOverride, setParameter } from './parameters';

/** The comparison that the lanes are of. */
interface Lanes {
  readonly comparison: Comparison;
  readonly revision: number;
  readonly facts: { readonly tables: ParameterTable[] };
  lane(id: string): Lane | null;
  isBase(lane: string): boolean;
  connectionOf(lane: Lane): Connection | null;
  tableFor(lane: Pick<Lane, 'endpoint'>, dialect: Dialect): ParameterTable;
  snapshot(): Comparison;
  touch(): void;
}

export class LaneEndpoints {
  /** Overrides that say something only to an endpoint which their lane does not call now, by lane and endpoint. */
  readonly #overridesAside = new Map<string, Override[]>();
  /** What the engine said lately that a lane sends, by lane. */
  readonly #sent = new Map<string, { revision: number; parameters: Parameter[] }>();

  constructor(
    private readonly host: Pick<Host, 'laneParameters'>,
    private readonly lanes: Lanes,
    /** What the base lane gave up, by lane. */
    private readonly setAside: Map<string, Parameter[]>,
  ) {}

  clear(): void {
    this.#overridesAside.clear();
    this.#sent.clear();
  }

  /** Those that a lane can call on its connection. */
  of(lane: Lane): ReturnType<typeof endpointsOf> {
    return endpointsOf(this.lanes.facts.tables, this.#dialectOf(lane));
  }

  isIn(dialect: Dialect, endpoint: EndpointKind): boolean {
    // Before the tables are read nothing is known, and every dialect has chats.
    return (
      endpoint === 'chat' ||
      this.lanes.facts.tables.some((table) => table.dialect === dialect && table.endpoint === endpoint)
    );
  }

  /** Has a lane call another endpoint. For the base lane the draft is put into the words of that endpoint first. */
  async set(id: string, endpoint: EndpointKind): Promise<void> {
    const lane = this.lanes.lane(id);
    if (!lane || lane.endpoint === endpoint) return;
    if (this.lanes.isBase(id)) return this.#setBase(lane, endpoint);
    const from = this.#tableOf(lane, lane.endpoint);
    const key = (kind: EndpointKind) => `${id} ${kind}`;
    const back = this.#overridesAside.get(key(endpoint)) ?? [];
    const { comparison, facts } = this.lanes;
    const aside = changeEndpoint(comparison, lane, from, this.#tableOf(lane, endpoint), facts.tables, back);
    this.#overridesAside.set(key(from.endpoint), aside);
    this.#overridesAside.delete(key(endpoint));
    this.lanes.touch();
  }

  async #setBase(base: Lane, endpoint: EndpointKind): Promise<void> {
    const parameters = await this.#draftFor(base, endpoint);
    // Somebody may have moved or closed the lane meanwhile.
    if (!this.lanes.isBase(base.id)) return;
    const to = this.#tableOf(base, endpoint);
    const aside = this.setAside.get(base.id) ?? [];
    const givenUp = changeBaseEndpoint(this.lanes.comparison, to, parameters, aside);
    const still = aside.filter(({ name }) => !documents(to, name) && !givenUp.some((other) => other.name === name));
    this.setAside.set(base.id, [...still, ...givenUp]);
    this.lanes.touch();
  }

  /** The draft's parameters in the words of another endpoint, as the engine carries them over. */
  async #draftFor(base: Lane, endpoint: EndpointKind): Promise<Parameter[]> {
    const comparison = this.lanes.snapshot();
    const { parameters } = comparison.draft;
    // Generic inference takes what a chat takes into its arguments, under the same names.
    const words = endpoint === 'generic' ? 'chat' : endpoint;
    if (words === base.endpoint) return parameters;
    const plain: Lane = { ...comparison.lanes[0]!, forkedMessages: null, rawBody: null };
    // Parameters alone are asked for, and messages can be long.
    comparison.draft.messages = [];
    const other = { ...plain, id: `${plain.id}-${words}`, endpoint: words };
    comparison.lanes = [plain, other];
    // The engine refuses while a value is no JSON.
    const said = await this.host.laneParameters(comparison, other.id).catch(() => null);
    return said ?? parameters.filter(({ name }) => documents(this.#tableOf(base, words), name));
  }

  /** Has a lane go on from a response of its own, which no other lane follows. */
  continueFrom(id: string, response: string): void {
    const { comparison } = this.lanes;
    const name = 'previous_response_id';
    const lane = this.lanes.lane(id);
    if (!lane) return;
    const order = this.#tableOf(lane, lane.endpoint).parameters.map((spec) => spec.name);
    const others = comparison.lanes.filter((other) => other.id !== id && other.endpoint === lane.endpoint);
    const before = new Map(
      others.map((other) => [other.id, effectiveParameters(comparison, other).find((one) => one.name === name)]),
    );
    setParameter(
      comparison,
      comparison.lanes.findIndex((one) => one.id === id),
      name,
      JSON.stringify(response),
      order,
    );
    for (const other of this.lanes.isBase(id) ? others : []) {
      const own = before.get(other.id);
      putOverride(other, own ? { kind: 'set', parameter: { name, json: own.json } } : { kind: 'unset', name });
    }
    this.lanes.touch();
  }

  /** Takes what the engine says that a lane sends. */
  note(lane: string, revision: number, request: RequestView): void {
    const target = this.lanes.lane(lane);
    const typed = target ? effectiveParameters(this.lanes.comparison, target) : [];
    // A draft keeps its variables; what was sent has their values.
    const parameters = parametersOf(request).map((sent) => {
      const isFilled = request.keys.some(({ name, filled }) => name === sent.name && filled > 0);
      const json = isFilled ? typed.find(({ name }) => name === sent.name)?.json : undefined;
      return json === undefined ? sent : { name: sent.name, json };
    });
    this.#sent.set(lane, { revision, parameters });
  }

  /** What a lane sends in the words of its own endpoint. */
  readonly sentBy = (lane: Lane): Parameter[] => {
    const known = this.#sent.get(lane.id);
    if (known && known.revision === this.lanes.revision) return known.parameters;
    const table = this.#tableOf(lane, lane.endpoint);
    return effectiveParameters(this.lanes.comparison, lane).filter(
      ({ name, origin }) => origin === 'lane' || documents(table, name),
    );
  };

  #tableOf(lane: Lane, endpoint: EndpointKind): ParameterTable {
    return this.lanes.tableFor({ endpoint }, this.#dialectOf(lane));
  }

  #dialectOf(lane: Lane): Dialect {
    return this.lanes.connectionOf(lane)?.dialect ?? 'openAi';
  }
}

/** What a request says beside the model and the messages. */
function parametersOf({ keys }: RequestView): Parameter[] {
  return keys.filter(({ name, json }) => name !== 'model' && json !== '').map(({ name, json }) => ({ name, json }));
}
