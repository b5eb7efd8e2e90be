// A comparison that starts empty.
import type { Comparison } from '../../bindings/Comparison';
import type { EndpointKind } from '../../bindings/EndpointKind';
import type { Lane } from '../../bindings/Lane';
import type { Parameter } from '../../bindings/Parameter';
import type { ParameterTable } from '../../bindings/ParameterTable';
import { newId } from '../../lib/ids';
import { documents } from './dialects';
import { newMessage } from './messages';

export function newLane(connection: string, model: string, endpoint: EndpointKind = 'chat'): Lane {
  return {
    id: newId(),
    connection,
    endpoint,
    model,
    overrides: [],
    forkedMessages: null,
    muted: false,
    rawBody: null,
    hold: false,
    variables: [],
  };
}

/** Streams, and asks for token counts where the dialect documents how; without them a stream's tokens are a guess. */
export function startingParameters(table: ParameterTable | null): Parameter[] {
  if (!table) return [];
  const wanted: Parameter[] = [{ name: 'stream', json: 'true' }];
  // A response counts its tokens unasked, and its `stream_options` are others.
  if (table.endpoint !== 'responses') wanted.push({ name: 'stream_options', json: '{"include_usage":true}' });
  return wanted.filter(({ name }) => documents(table, name));
}

export function newComparison(name: string, lane: Lane, table: ParameterTable | null): Comparison {
  return {
    id: newId(),
    name,
    draft: {
      messages: [newMessage('system'), newMessage('user')],
      parameters: startingParameters(table),
      variables: [],
      order: [],
      textInput: false,
      toolPlan: { mode: 'step', rules: [], mostSteps: 8 },
      reasoningBack: 'usual',
      dataset: null,
      texts: [],
      batch: 0,
      recording: null,
      grid: { columns: null, rows: null },
      checks: [],
    },
    lanes: [lane],
    repeats: 1,
  };
}
