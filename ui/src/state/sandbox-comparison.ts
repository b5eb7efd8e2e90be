// The first comparison of somebody who tries the sandbox: three lanes, one for each way of speaking.
import type { Comparison } from '../bindings/Comparison';
import type { Lane } from '../bindings/Lane';
import type { ParameterTable } from '../bindings/ParameterTable';
import type { SandboxInfo } from '../bindings/SandboxInfo';
import { newMessage } from './comparison/messages';
import { newComparison, newLane } from './comparison/new';

const prompt = 'Explain in a few sentences why the sky is blue, for somebody who has never thought about light.';

/** Endings of the names of the models that show most; others stand in where the sandbox has none of them. */
const preferred = ['steady', 'markdown', 'reasoning'];

/** Null when the sandbox has no connection or no model. */
export function sandboxComparison(sandbox: SandboxInfo, tables: readonly ParameterTable[]): Comparison | null {
  const models = sandbox.models;
  const modelOf = (index: number): string => {
    const ending = preferred[index];
    const wanted = ending === undefined ? undefined : models.find(({ id }) => id.endsWith(ending));
    return (wanted ?? models[index % models.length])?.id ?? '';
  };
  const lanes: Lane[] = sandbox.connections.map((connection, index) => newLane(connection.id, modelOf(index)));
  const first = lanes[0];
  if (!first || models.length === 0) return null;
  const tableOf = (lane: Lane) => {
    const dialect = sandbox.connections.find(({ id }) => id === lane.connection)?.dialect;
    return tables.find((known) => known.dialect === dialect && known.endpoint === lane.endpoint) ?? null;
  };
  const comparison = newComparison('Three lanes in the sandbox', first, tableOf(first));
  const documented = (lane: Lane, name: string) =>
    tableOf(lane)?.parameters.some((parameter) => parameter.name === name);
  for (const lane of lanes.slice(1)) {
    // A member that the first dialect documents and this one does not is left out of its request.
    for (const { name } of comparison.draft.parameters) {
      if (!documented(lane, name)) lane.overrides.push({ kind: 'unset', name });
    }
  }
  const message = newMessage('user');
  message.content = { kind: 'text', text: prompt };
  comparison.draft.messages = [message];
  comparison.lanes = lanes;
  return comparison;
}
