// Small double of what the engine does with parameters of a draft that another endpoint spells differently or not at all.
import type { Carried } from '../../bindings/Carried';
import type { Comparison } from '../../bindings/Comparison';
import type { Connection } from '../../bindings/Connection';
import type { EndpointKind } from '../../bindings/EndpointKind';
import type { KeyOrigin } from '../../bindings/KeyOrigin';
import type { Lane } from '../../bindings/Lane';
import { effectiveParameters } from '../../state/comparison/parameters';
import tables from './tables.json';

interface Key {
  name: string;
  json: string;
  origin: KeyOrigin;
}

/** Names that mean the same; the first that the endpoint's table has is taken. */
const ALIKE = [['max_completion_tokens', 'max_output_tokens', 'max_tokens']];

export const tableOf = (endpoint: EndpointKind, dialect: Connection['dialect']): string[] =>
  tables
    .find((known) => known.endpoint === endpoint && known.dialect === dialect)
    ?.parameters.map(({ name }) => name) ?? [];

export function carry(comparison: Comparison, lane: Lane, connection: Connection): { keys: Key[]; carried: Carried[] } {
  const keys: Key[] = [];
  const carried: Carried[] = [];
  const own = tableOf(lane.endpoint, connection.dialect);
  const base = comparison.lanes[0]?.endpoint;
  // The draft is in the words of the base lane's endpoint, whichever its dialect is.
  const known = tables.filter(({ endpoint }) => endpoint === base && endpoint !== lane.endpoint);
  const words = new Set(known.flatMap(({ parameters }) => parameters.map(({ name }) => name)));
  for (const { name, json, origin } of effectiveParameters(comparison, lane)) {
    if (origin === 'lane' || own.includes(name) || !words.has(name)) {
      keys.push({ name, json, origin });
      continue;
    }
    const to = ALIKE.find((names) => names.includes(name))?.find((other) => own.includes(other)) ?? null;
    const message =
      to === null ? `This endpoint has no ${name}, so it is not sent.` : `This endpoint calls ${name} ${to}.`;
    carried.push({ from: name, to, message });
    if (to !== null) keys.push({ name: to, json, origin: 'carried' });
  }
  return { keys, carried };
}
