// Which endpoint a lane calls. The draft is written in the words of the base lane's endpoint; for a lane of another one the
// engine carries it over and says what became of it, so nothing is unset here because of that.
import type { Comparison } from '../../bindings/Comparison';
import type { Dialect } from '../../bindings/Dialect';
import type { EndpointKind } from '../../bindings/EndpointKind';
import type { Lane } from '../../bindings/Lane';
import type { Override } from '../../bindings/Override';
import type { Parameter } from '../../bindings/Parameter';
import type { ParameterTable } from '../../bindings/ParameterTable';
import { documents, isLeftOut, leaveOutUndocumented } from './dialects';
import { effectiveParameters, overrideName, rewrite } from './parameters';

/** Those that a lane can call, in the order they are offered. */
export const ENDPOINTS: readonly { endpoint: EndpointKind; label: string }[] = [
  { endpoint: 'chat', label: 'Chat' },
  { endpoint: 'responses', label: 'Responses' },
  { endpoint: 'generic', label: 'Generic' },
  { endpoint: 'generate', label: 'Generate' },
  { endpoint: 'completions', label: 'Completions' },
];

/** The body member that the content of a draft becomes; `null` where it has none of its own. */
export function contentMember(endpoint: EndpointKind): string | null {
  if (endpoint === 'responses' || endpoint === 'embed' || endpoint === 'synthesize') return 'input';
  if (endpoint === 'generate' || endpoint === 'completions' || endpoint === 'image') return 'prompt';
  if (endpoint === 'transcribe') return 'file';
  return endpoint === 'chat' ? 'messages' : null;
}

/** What there is in a dialect: an endpoint has a table of parameters, or is not there. */
export function endpointsOf(tables: readonly ParameterTable[], dialect: Dialect): typeof ENDPOINTS {
  return ENDPOINTS.filter(({ endpoint }) =>
    tables.some((table) => table.endpoint === endpoint && table.dialect === dialect),
  );
}

/**
 * Has a lane that is not the base call another endpoint. Returns the overrides that say something only to the endpoint it
 * called before; `back` are those that were put aside earlier for the one it calls now.
 */
export function changeEndpoint(
  comparison: Comparison,
  lane: Lane,
  from: ParameterTable,
  to: ParameterTable,
  tables: ParameterTable[],
  back: readonly Override[],
): Override[] {
  const kept = lane.overrides.filter((override) => !isLeftOut(lane, from, tables, overrideName(override)));
  const aside = kept.filter((override) => {
    const name = overrideName(override);
    return documents(from, name) && !documents(to, name);
  });
  const stays = kept.filter((override) => !aside.includes(override));
  const names = new Set(stays.map(overrideName));
  lane.endpoint = to.endpoint;
  lane.overrides = [...stays, ...back.filter((override) => !names.has(overrideName(override)))];
  leaveOutUndocumented(comparison, lane, to, tables);
  return aside;
}

/**
 * Has the base lane call another endpoint, with the draft in its words: `parameters`, and of those put aside what it
 * documents. Lanes of the endpoint it called before send what they sent. Returns what the draft gave up.
 */
export function changeBaseEndpoint(
  comparison: Comparison,
  to: ParameterTable,
  parameters: readonly Parameter[],
  aside: readonly Parameter[],
): Parameter[] {
  const base = comparison.lanes[0];
  if (!base) return [];
  const was = base.endpoint;
  const before = new Map(comparison.lanes.map((lane) => [lane.id, effectiveParameters(comparison, lane)]));
  const has = (name: string) => parameters.some((parameter) => parameter.name === name);
  const back = aside.filter(({ name }) => documents(to, name) && !has(name));
  const givenUp = comparison.draft.parameters
    .filter(({ name }) => !has(name))
    .map(({ name, json }) => ({ name, json }));
  base.endpoint = to.endpoint;
  rewrite(comparison, (lane) => {
    if (lane === base) return [...parameters, ...back];
    return lane.endpoint === was ? (before.get(lane.id) ?? []) : null;
  });
  return givenUp;
}
