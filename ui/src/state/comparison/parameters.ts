// Which parameters a lane sends. The first lane is the base: its parameters are the draft's own. Every other lane says
// only where it differs, with overrides that set a key or leave it out.
//
// Functions here change the comparison they are given; what they change is what the engine reads.
import type { Comparison } from '../../bindings/Comparison';
import type { KeyOrigin } from '../../bindings/KeyOrigin';
import type { Lane } from '../../bindings/Lane';
import type { Override } from '../../bindings/Override';
import type { Parameter } from '../../bindings/Parameter';

export interface EffectiveParameter extends Parameter {
  origin: KeyOrigin;
}

export function overrideName(override: Override): string {
  return override.kind === 'set' ? override.parameter.name : override.name;
}

function findOverride(lane: Lane, name: string): Override | undefined {
  return lane.overrides.find((override) => overrideName(override) === name);
}

/** What the lane sends beside `model` and `messages`, in the order it is sent. */
export function effectiveParameters(comparison: Comparison, lane: Lane): EffectiveParameter[] {
  const effective: EffectiveParameter[] = comparison.draft.parameters.map(({ name, json }) => ({
    name,
    json,
    origin: 'draft',
  }));
  for (const override of lane.overrides) {
    const name = overrideName(override);
    const at = effective.findIndex((parameter) => parameter.name === name);
    if (override.kind === 'unset') {
      if (at >= 0) effective.splice(at, 1);
      continue;
    }
    const own: EffectiveParameter = { name, json: override.parameter.json, origin: 'lane' };
    if (at >= 0) effective[at] = own;
    else effective.push(own);
  }
  return effective;
}

/** The JSON text the lane sends for `name`; `null` when the key is not sent. */
export function effectiveValue(comparison: Comparison, lane: Lane, name: string): string | null {
  const override = findOverride(lane, name);
  if (override) return override.kind === 'set' ? override.parameter.json : null;
  return draftValue(comparison, name);
}

export function draftValue(comparison: Comparison, name: string): string | null {
  return comparison.draft.parameters.find((parameter) => parameter.name === name)?.json ?? null;
}

/** The JSON text of the base lane; `null` when it does not send the key. */
export function baseValue(comparison: Comparison, name: string): string | null {
  const base = comparison.lanes[0];
  return base ? effectiveValue(comparison, base, name) : draftValue(comparison, name);
}

/** Names whose value in the lane differs from the base lane's, in the order of the lane, then of the base. */
export function modifiedNames(comparison: Comparison, lane: Lane): string[] {
  const base = comparison.lanes[0];
  if (!base || base.id === lane.id) return [];
  return differingNames(effectiveParameters(comparison, base), effectiveParameters(comparison, lane));
}

function differingNames(before: Parameter[], after: Parameter[]): string[] {
  const old = new Map(before.map(({ name, json }) => [name, json]));
  const fresh = new Set(after.map(({ name }) => name));
  const changed = after.filter(({ name, json }) => old.get(name) !== json).map(({ name }) => name);
  const gone = before.filter(({ name }) => !fresh.has(name)).map(({ name }) => name);
  return [...changed, ...gone];
}

/**
 * Sends `name` with `json` in the lane at `index`. `order` is the order of the form, into which a key that was not
 * sent before is put; a key that the form does not know goes to the end.
 */
export function setParameter(comparison: Comparison, index: number, name: string, json: string, order: string[]): void {
  const lane = comparison.lanes[index];
  if (!lane) return;
  if (index === 0) {
    dropOverride(lane, name);
    setInDraft(comparison, name, json, order);
  } else if (baseValue(comparison, name) === json) {
    // Equal to the base is no difference, and a lane holds differences only.
    dropOverride(lane, name);
  } else {
    putOverride(lane, { kind: 'set', parameter: { name, json } });
  }
}

/** Leaves `name` out of what the lane at `index` sends. */
export function unsetParameter(comparison: Comparison, index: number, name: string): void {
  const lane = comparison.lanes[index];
  if (!lane) return;
  if (index === 0) {
    dropOverride(lane, name);
    removeFromDraft(comparison, name);
  } else if (baseValue(comparison, name) === null && lane.endpoint === comparison.lanes[0]?.endpoint) {
    dropOverride(lane, name);
  } else {
    // To another endpoint the base may be carried over under this name.
    putOverride(lane, { kind: 'unset', name });
  }
}

/** Gives the lane at `index` the base lane's value again. The base lane has none to go back to but "unset". */
export function resetParameter(comparison: Comparison, index: number, name: string): void {
  if (index === 0) {
    unsetParameter(comparison, 0, name);
    return;
  }
  const lane = comparison.lanes[index];
  if (lane) dropOverride(lane, name);
}

/**
 * Gives a key another name and keeps its place and value. For a lane that is not the base, the old name is left out
 * and the new one set.
 */
export function renameParameter(
  comparison: Comparison,
  index: number,
  from: string,
  to: string,
  order: string[],
): void {
  const lane = comparison.lanes[index];
  const json = lane ? effectiveValue(comparison, lane, from) : null;
  if (!lane || json === null || from === to) return;
  const own = comparison.draft.parameters.find((parameter) => parameter.name === from);
  if (index === 0 && own) {
    removeFromDraft(comparison, to);
    own.name = to;
    return;
  }
  unsetParameter(comparison, index, from);
  setParameter(comparison, index, to, json, order);
}

/** What a lane sends whose endpoint is not the base's: the engine alone knows how it carries the draft over. */
export type Sent = (lane: Lane) => Parameter[];

/** What each lane sends, in the words of its own endpoint. */
export function sendsNow(comparison: Comparison, sent: Sent): Map<string, Parameter[]> {
  const endpoint = comparison.lanes[0]?.endpoint;
  return new Map(
    comparison.lanes.map((lane) => [
      lane.id,
      lane.endpoint === endpoint ? effectiveParameters(comparison, lane) : sent(lane),
    ]),
  );
}

/**
 * Runs `change` and writes the draft and all overrides anew so that every lane that is left sends what it sent before.
 * This is how another lane becomes the base.
 */
export function keepingEffective(comparison: Comparison, change: () => void, sent: Sent): void {
  const before = sendsNow(comparison, sent);
  const was = comparison.lanes[0]?.endpoint;
  change();
  const is = comparison.lanes[0]?.endpoint;
  rewrite(comparison, ({ id, endpoint }) => (endpoint === was || endpoint === is ? (before.get(id) ?? []) : null));
}

/**
 * Writes draft and overrides so that each lane sends what `sends` says. Where it says nothing, the lane keeps its
 * overrides: it is of an endpoint to which the draft is carried over.
 */
export function rewrite(comparison: Comparison, sends: (lane: Lane) => Parameter[] | null): void {
  const [base, ...others] = comparison.lanes;
  if (!base) return;
  const wanted = new Map(comparison.lanes.map((lane) => [lane.id, sends(lane)]));
  comparison.draft.parameters = (wanted.get(base.id) ?? []).map(({ name, json }) => ({ name, json }));
  base.overrides = [];
  for (const lane of others) {
    const parameters = wanted.get(lane.id);
    if (parameters) lane.overrides = overridesFor(comparison.draft.parameters, parameters);
  }
}

function overridesFor(base: Parameter[], wanted: Parameter[]): Override[] {
  const sent = new Set(wanted.map(({ name }) => name));
  const own = new Map(base.map(({ name, json }) => [name, json]));
  return [
    ...wanted
      .filter(({ name, json }) => own.get(name) !== json)
      .map(({ name, json }): Override => ({ kind: 'set', parameter: { name, json } })),
    ...base.filter(({ name }) => !sent.has(name)).map(({ name }): Override => ({ kind: 'unset', name })),
  ];
}

function setInDraft(comparison: Comparison, name: string, json: string, order: string[]): void {
  const { parameters } = comparison.draft;
  const existing = parameters.find((parameter) => parameter.name === name);
  if (existing) {
    existing.json = json;
    return;
  }
  parameters.splice(placeInOrder(parameters, name, order), 0, { name, json });
}

function placeInOrder(parameters: Parameter[], name: string, order: string[]): number {
  const rank = order.indexOf(name);
  if (rank < 0) return parameters.length;
  const later = parameters.findIndex((parameter) => {
    const other = order.indexOf(parameter.name);
    return other < 0 || other > rank;
  });
  return later < 0 ? parameters.length : later;
}

function removeFromDraft(comparison: Comparison, name: string): void {
  const at = comparison.draft.parameters.findIndex((parameter) => parameter.name === name);
  if (at >= 0) comparison.draft.parameters.splice(at, 1);
}

function dropOverride(lane: Lane, name: string): void {
  const at = lane.overrides.findIndex((override) => overrideName(override) === name);
  if (at >= 0) lane.overrides.splice(at, 1);
}

export function putOverride(lane: Lane, override: Override): void {
  const at = lane.overrides.findIndex((other) => overrideName(other) === overrideName(override));
  if (at >= 0) lane.overrides[at] = override;
  else lane.overrides.push(override);
}
