// The kinds of checks, with the fields that each has. The form and what a new check begins with follow from this table.
// A judge has a form of its own.
import type { CheckRule } from '../../bindings/CheckRule';

export type RuleKind = CheckRule['kind'];

export interface CheckField {
  /** As in `CheckRule`. */
  name: string;
  label: string;
  kind: 'text' | 'code' | 'number' | 'switch' | 'choice';
  /** Empty is `null`: nothing is asked. */
  optional?: boolean;
  placeholder?: string;
  least?: number;
  whole?: boolean;
  options?: readonly { value: string; label: string }[];
}

export interface CheckKind {
  kind: RuleKind;
  label: string;
  doc: string;
  start: CheckRule;
  fields: readonly CheckField[];
}

const ignoreCase: CheckField = { name: 'ignoreCase', label: 'Ignore case', kind: 'switch' };
const not: CheckField = { name: 'not', label: 'Must not', kind: 'switch' };

/** What a new judge is asked. */
const JUDGE_PROMPT = `Judge the answer below by this criterion: it answers the question, and says nothing that is false.

<question>
{{question}}
</question>

<answer>
{{answer}}
</answer>

Give your reasons in a few sentences. End with a line that says only PASS, or only FAIL.`;

export const CHECK_KINDS: readonly CheckKind[] = [
  {
    kind: 'contains',
    label: 'Contains',
    doc: 'The text stands in the answer. {{name}} is the value of a variable.',
    start: { kind: 'contains', text: '', ignoreCase: false, not: false },
    fields: [{ name: 'text', label: 'Text', kind: 'text' }, ignoreCase, not],
  },
  {
    kind: 'regex',
    label: 'Matches regex',
    doc: 'A regular expression finds something, without look-around and back references.',
    start: { kind: 'regex', pattern: '', ignoreCase: false, not: false },
    fields: [{ name: 'pattern', label: 'Pattern', kind: 'code' }, ignoreCase, not],
  },
  {
    kind: 'jsonSchema',
    label: 'Fits JSON Schema',
    doc: 'The answer is JSON that fits. An empty schema takes the one that the request sent.',
    start: { kind: 'jsonSchema', schema: '' },
    fields: [{ name: 'schema', label: 'Schema', kind: 'code', placeholder: 'as sent' }],
  },
  {
    kind: 'jsonPath',
    label: 'JSONPath finds',
    doc: 'The path finds something in an answer that is JSON; with a value, that value.',
    start: { kind: 'jsonPath', path: '$', equals: null },
    fields: [
      { name: 'path', label: 'Path', kind: 'code' },
      { name: 'equals', label: 'Equals', kind: 'code', optional: true, placeholder: 'anything' },
    ],
  },
  {
    kind: 'number',
    label: 'Number within',
    doc: 'The number at the path, or else the last number of the text, is no further away than the tolerance.',
    start: { kind: 'number', path: null, value: 0, tolerance: 0 },
    fields: [
      { name: 'value', label: 'Value', kind: 'number' },
      { name: 'tolerance', label: 'Tolerance', kind: 'number', least: 0 },
      { name: 'path', label: 'Path', kind: 'code', optional: true, placeholder: 'last number' },
    ],
  },
  {
    kind: 'length',
    label: 'Length',
    doc: 'Words are what stands between white space. Both bounds are allowed themselves.',
    start: { kind: 'length', unit: 'words', least: null, most: 110 },
    fields: [
      {
        name: 'unit',
        label: 'Unit',
        kind: 'choice',
        options: [
          { value: 'words', label: 'words' },
          { value: 'characters', label: 'characters' },
        ],
      },
      { name: 'least', label: 'At least', kind: 'number', optional: true, least: 0, whole: true, placeholder: 'any' },
      { name: 'most', label: 'At most', kind: 'number', optional: true, least: 0, whole: true, placeholder: 'any' },
    ],
  },
  {
    kind: 'cost',
    label: 'Cost',
    doc: 'In the currency of the model’s price. Cannot be told where there is none.',
    start: { kind: 'cost', most: 0.01 },
    fields: [{ name: 'most', label: 'At most', kind: 'number', least: 0 }],
  },
  {
    kind: 'latency',
    label: 'Latency',
    doc: 'Milliseconds, until the first token or until the last byte.',
    start: { kind: 'latency', what: 'timeToFirstToken', most: 1000 },
    fields: [
      {
        name: 'what',
        label: 'Until',
        kind: 'choice',
        options: [
          { value: 'timeToFirstToken', label: 'first token' },
          { value: 'total', label: 'the end' },
        ],
      },
      { name: 'most', label: 'At most, ms', kind: 'number', least: 0 },
    ],
  },
  {
    kind: 'toolCalled',
    label: 'Tool called',
    doc: 'A tool of this name was called.',
    start: { kind: 'toolCalled', name: '', not: false },
    fields: [{ name: 'name', label: 'Tool', kind: 'code' }, not],
  },
  {
    kind: 'judge',
    label: 'Model as judge',
    doc: 'Asked only when you want it, by calls that stand in the history. More than half of them decide.',
    start: {
      kind: 'judge',
      connection: '',
      endpoint: 'chat',
      model: '',
      prompt: JUDGE_PROMPT,
      repeats: 1,
      parameters: [],
    },
    fields: [],
  },
];

export function kindOf(rule: CheckRule): CheckKind {
  return CHECK_KINDS.find(({ kind }) => kind === rule.kind) ?? CHECK_KINDS[0]!;
}

/** What a rule says in a field; the names come from the table above. */
export function fieldValue(rule: CheckRule, name: string): unknown {
  return Reflect.get(rule, name);
}

/** What a check is called before it has a name. */
export function usualName(rule: CheckRule): string {
  switch (rule.kind) {
    case 'contains':
      return rule.text === '' ? 'Contains' : `${rule.not ? 'Without' : 'Contains'} ${rule.text}`;
    case 'regex':
      return rule.pattern === '' ? 'Matches' : `${rule.not ? 'No match of' : 'Matches'} ${rule.pattern}`;
    case 'jsonSchema':
      return 'Fits the schema';
    case 'jsonPath':
      return rule.equals === null ? `Has ${rule.path}` : `${rule.path} is ${rule.equals}`;
    case 'number':
      return rule.tolerance === 0 ? `Is ${rule.value}` : `Is ${rule.value} ± ${rule.tolerance}`;
    case 'length':
      if (rule.least !== null && rule.most !== null) return `${rule.least} to ${rule.most} ${rule.unit}`;
      if (rule.least !== null) return `At least ${rule.least} ${rule.unit}`;
      return rule.most === null ? `Any number of ${rule.unit}` : `At most ${rule.most} ${rule.unit}`;
    case 'cost':
      return `Costs at most ${rule.most}`;
    case 'latency':
      return `${rule.what === 'total' ? 'Ends' : 'First token'} within ${rule.most} ms`;
    case 'toolCalled':
      return rule.name === '' ? 'Calls a tool' : `${rule.not ? 'Does not call' : 'Calls'} ${rule.name}`;
    case 'judge':
      return rule.model === '' ? 'A judge says PASS' : `${rule.model.split('/').at(-1)} says PASS`;
  }
}
