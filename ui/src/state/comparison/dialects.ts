// What happens to parameters when a lane speaks another dialect. A key that one of our tables documents, but not the
// table of the lane's own dialect, is not sent by surprise: the lane leaves it out, which its panel shows. A key that no
// table documents was typed by the person, who wants it sent as it is.
import type { Comparison } from '../../bindings/Comparison';
import type { Lane } from '../../bindings/Lane';
import type { Parameter } from '../../bindings/Parameter';
import type { ParameterTable } from '../../bindings/ParameterTable';
import { effectiveParameters, overrideName, putOverride, rewrite } from './parameters';

export function documents(table: ParameterTable, name: string): boolean {
  return table.parameters.some((spec) => spec.name === name);
}

function documentedElsewhere(tables: ParameterTable[], own: ParameterTable, name: string): boolean {
  return !documents(own, name) && tables.some((table) => table.endpoint === own.endpoint && documents(table, name));
}

/**
 * Leaves out, in a lane that is not the base, the draft keys that its dialect does not document: all of them, or only
 * `name`.
 */
export function leaveOutUndocumented(
  comparison: Comparison,
  lane: Lane,
  own: ParameterTable,
  tables: ParameterTable[],
  name: string | null = null,
): void {
  // What the draft says to another endpoint is carried over by the engine, which says so.
  if (lane.endpoint !== comparison.lanes[0]?.endpoint) return;
  for (const parameter of comparison.draft.parameters) {
    if (name !== null && parameter.name !== name) continue;
    if (!documentedElsewhere(tables, own, parameter.name)) continue;
    if (lane.overrides.some((override) => overrideName(override) === parameter.name)) continue;
    putOverride(lane, { kind: 'unset', name: parameter.name });
  }
}

/** The key is left out because of the lane's dialect, not because of a choice of the person's. */
export function isLeftOut(lane: Lane, own: ParameterTable, tables: ParameterTable[], name: string): boolean {
  return (
    lane.overrides.some((override) => override.kind === 'unset' && override.name === name) &&
    documentedElsewhere(tables, own, name)
  );
}

/**
 * Adapts the lane at `index` from table `from` to table `to`. Returns the parameters that the base lane gave up, so that
 * they can come back with the old dialect; a lane that is not the base needs no such memory, its overrides are it.
 */
export function adaptLane(
  comparison: Comparison,
  index: number,
  from: ParameterTable,
  to: ParameterTable,
  tables: ParameterTable[],
  setAside: Parameter[],
): Parameter[] {
  const lane = comparison.lanes[index];
  if (!lane) return [];
  if (index > 0) {
    // What was left out only because the old dialect did not know it is sent again where the new one does.
    lane.overrides = lane.overrides.filter(
      (override) => override.kind === 'set' || documents(from, override.name) || !documents(to, override.name),
    );
    leaveOutUndocumented(comparison, lane, to, tables);
    return [];
  }
  const sends = new Map(comparison.lanes.map((other) => [other.id, effectiveParameters(comparison, other)]));
  const own = sends.get(lane.id) ?? [];
  const givenUp = own
    .filter(({ name }) => documentedElsewhere(tables, to, name))
    .map(({ name, json }) => ({ name, json }));
  const back = setAside.filter(({ name }) => documents(to, name) && !own.some((parameter) => parameter.name === name));
  rewrite(comparison, (other) =>
    other.id === lane.id
      ? [...own.filter(({ name }) => !givenUp.some((parameter) => parameter.name === name)), ...back]
      : other.endpoint === lane.endpoint
        ? (sends.get(other.id) ?? [])
        : null,
  );
  return givenUp;
}
