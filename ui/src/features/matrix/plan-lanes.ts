// The models of a plan that was not started: its lanes. One that was added here has no overrides of its own but those
// that its dialect asks for.
import type { EndpointKind } from '../../bindings/EndpointKind';
import type { Lane } from '../../bindings/Lane';
import type { MatrixPlan } from '../../bindings/MatrixPlan';
import type { ParameterTable } from '../../bindings/ParameterTable';
import type { App } from '../../state/app.svelte';
import { adaptLane, leaveOutUndocumented } from '../../state/comparison/dialects';
import { changeEndpoint } from '../../state/comparison/endpoints';
import { newLane } from '../../state/comparison/new';

/** A model where it is called. */
export interface ModelChoice {
  connection: string;
  endpoint: EndpointKind;
  model: string;
}

type Facts = Pick<App, 'connections' | 'tables'>;

export function tableOf({ connections, tables }: Facts, lane: Pick<Lane, 'connection' | 'endpoint'>): ParameterTable {
  const dialect = connections.find(({ id }) => id === lane.connection)?.dialect ?? 'openAi';
  const { endpoint } = lane;
  return (
    tables.find((table) => table.dialect === dialect && table.endpoint === endpoint) ?? {
      dialect,
      endpoint,
      parameters: [],
    }
  );
}

export function addLane({ comparison }: MatrixPlan, { connection, endpoint, model }: ModelChoice, facts: Facts): void {
  const lane = newLane(connection, model, endpoint);
  leaveOutUndocumented(comparison, lane, tableOf(facts, lane), facts.tables);
  comparison.lanes.push(lane);
}

/**
 * Has a lane call another model. The draft is written for the endpoint of the first lane, which therefore keeps it.
 */
export function changeLane({ comparison }: MatrixPlan, lane: Lane, choice: ModelChoice, facts: Facts): void {
  const index = comparison.lanes.indexOf(lane);
  if (index > 0 && choice.endpoint !== lane.endpoint) {
    const from = tableOf(facts, lane);
    changeEndpoint(comparison, lane, from, tableOf(facts, { ...lane, endpoint: choice.endpoint }), facts.tables, []);
  }
  const from = tableOf(facts, lane);
  lane.connection = choice.connection;
  lane.model = choice.model;
  const to = tableOf(facts, lane);
  if (from.dialect !== to.dialect) adaptLane(comparison, index, from, to, facts.tables, []);
}
