// The form: parameters by group, and the keys that no entry of the table knows.
import type { ParameterGroup } from '../../bindings/ParameterGroup';
import type { ParameterSpec } from '../../bindings/ParameterSpec';
import type { ParameterTable } from '../../bindings/ParameterTable';
import type { Dialect } from '../../bindings/Dialect';

export const GROUPS: { group: ParameterGroup; label: string }[] = [
  { group: 'input', label: 'Input' },
  { group: 'sampling', label: 'Sampling' },
  { group: 'length', label: 'Length' },
  { group: 'output', label: 'Output' },
  { group: 'reasoning', label: 'Reasoning' },
  { group: 'tools', label: 'Tools' },
  { group: 'delivery', label: 'Delivery' },
  { group: 'storage', label: 'Storage' },
];

export const DIALECT_NAMES: Record<Dialect, string> = {
  scaleV5: 'Scale v5',
  scaigridV1: 'ScaiGrid v1',
  openAi: 'OpenAI',
};

export function groupsOf(table: ParameterTable, filter: string): { label: string; specs: ParameterSpec[] }[] {
  return GROUPS.map(({ group, label }) => ({
    label,
    specs: table.parameters.filter((spec) => spec.group === group && matches(filter, spec.name, spec.doc)),
  })).filter(({ specs }) => specs.length > 0);
}

export function matches(filter: string, name: string, doc = ''): boolean {
  const words = filter.trim().toLowerCase();
  return words === '' || name.toLowerCase().includes(words) || (words.length > 2 && doc.toLowerCase().includes(words));
}

/** Why a key of this name cannot be added, or `null`. `content` is the member that the messages become. */
export function extraNameProblem(name: string, sent: readonly string[], content: string | null): string | null {
  if (name === '') return 'A key needs a name';
  // These have a place of their own and are no extra keys.
  if (name === 'model') return 'The lane says which model';
  if (name === content) return 'The composer writes the messages';
  return sent.includes(name) ? `${name} is sent already` : null;
}
