// What is likely to be refused, said before anything is sent. It warns and forbids nothing.
import type { EndpointKind } from '../../bindings/EndpointKind';
import { itemsAt, sliceAt } from '../../lib/json-slice';
import { plural } from '../../lib/format';
import { isJson, unquote } from '../../lib/json-text';
import { readTree, type JsonNode } from '../../lib/json-tree';
import { remember } from '../../lib/remember';
import { schemaProblems, type SchemaProblem } from '../schema/problems';
import { strictProblems } from '../schema/strict';
import { OWN_KINDS, isSpelledFor, readTool, type Tool } from './tool-text';

export interface ToolProblem {
  /** Index of the tool; `null` for the list as a whole. */
  tool: number | null;
  /** The field it belongs to, where it belongs to one. */
  field: 'name' | 'type' | 'parameters' | 'schema' | 'spelling' | 'tool_choice' | null;
  message: string;
}

const NAME = /^[a-zA-Z0-9_-]{1,64}$/;

export function toolProblems(tools: readonly Tool[], endpoint: EndpointKind, choice: string | null): ToolProblem[] {
  const names = new Map<string, number>();
  for (const { name } of tools) names.set(name, (names.get(name) ?? 0) + 1);
  const found = tools.flatMap((tool, index): ToolProblem[] =>
    problemsOf(tool, endpoint, names).map(([field, message]) => ({ tool: index, field, message })),
  );
  const chosen = choiceProblem(tools, choice);
  return chosen === null ? found : [...found, { tool: null, field: 'tool_choice', message: chosen }];
}

function problemsOf(
  tool: Tool,
  endpoint: EndpointKind,
  names: ReadonlyMap<string, number>,
): [ToolProblem['field'], string][] {
  if (!tool.isObject) return [[null, 'A tool is a JSON object']];
  if (tool.kind === '') return [['type', 'The type is missing']];
  if (!OWN_KINDS.includes(tool.kind)) {
    return endpoint === 'chat' ? [['type', `A chat has functions and custom tools, ${tool.kind} is of responses`]] : [];
  }
  const found: [ToolProblem['field'], string][] = [];
  if (tool.name === '') found.push(['name', 'The name is missing']);
  else if (!NAME.test(tool.name)) found.push(['name', 'A name has 1 to 64 letters a to z, digits, _ and -']);
  else if ((names.get(tool.name) ?? 0) > 1) found.push(['name', `Another tool is named ${tool.name} as well`]);
  if (!isSpelledFor(tool, endpoint)) {
    found.push([
      'spelling',
      endpoint === 'chat'
        ? `A chat has the ${tool.kind} under the key ${tool.kind}, this one stands flat`
        : `Responses have the ${tool.kind} flat, this one stands under the key ${tool.kind}`,
    ]);
  }
  const not = tool.kind === 'function' ? argumentsProblem(tool) : null;
  if (not !== null) found.push(['parameters', not]);
  else if (tool.kind === 'function' && tool.parameters?.startsWith('{')) {
    const words = tool.strict ? strictWords(tool.parameters) : looseWords(tool.parameters);
    if (words !== '') found.push(['schema', words]);
  }
  return found;
}

function argumentsProblem({ parameters }: Tool): string | null {
  if (parameters === null || parameters === 'null') return null;
  if (!parameters.startsWith('{')) return 'The schema of the parameters is no object';
  const type = sliceAt(parameters, '/type');
  if (type !== '"object"') {
    return type === null ? 'The schema has no "type": "object"' : `Arguments are an object, the schema says ${type}`;
  }
  return null;
}

/** What the editor of schemas says of one, its first problem with its place. Remembered: few schemas change at a time. */
const looseWords = remember((schema: string) => firstWords(schema, schemaProblems));
const strictWords = remember((schema: string) =>
  firstWords(schema, (text, root) => [...schemaProblems(text, root), ...strictProblems(text, root)]),
);

function firstWords(schema: string, look: (text: string, root: JsonNode) => SchemaProblem[]): string {
  const root = readTree(schema);
  const [first, ...more] = root ? look(schema, root) : [];
  if (!first) return '';
  const where = first.pointer === '' ? 'at the top' : `at ${first.pointer}`;
  return `${first.message}, ${where}${more.length > 0 ? `, and ${plural(more.length, 'problem')} more` : ''}`;
}

function elementsOf(json: string): string[] {
  const list = json.startsWith('[') ? itemsAt(json, '') : null;
  return list?.items.map(({ start, end }) => json.slice(start, end)) ?? [];
}

/** What is wrong with the choice of a tool, when the tools are these. */
function choiceProblem(tools: readonly Tool[], choice: string | null): string | null {
  if (choice === null || !isJson(choice)) return null;
  const text = unquote(choice);
  if (text === 'required' && tools.length === 0) return 'tool_choice is required, and there is no tool';
  if (!choice.trimStart().startsWith('{')) return null;
  const type = unquote(sliceAt(choice, '/type') ?? '') ?? '';
  if (type === 'allowed_tools') {
    const list = sliceAt(choice, '/allowed_tools/tools') ?? sliceAt(choice, '/tools') ?? '[]';
    return elementsOf(list).reduce<string | null>((found, one) => found ?? missing(tools, one), null);
  }
  return missing(tools, choice.trim());
}

function missing(tools: readonly Tool[], named: string): string | null {
  if (!named.startsWith('{')) return null;
  const { kind, name } = readTool(named);
  if (!OWN_KINDS.includes(kind)) {
    return kind === '' || tools.some((tool) => tool.kind === kind)
      ? null
      : `tool_choice asks for ${kind}, which is no tool here`;
  }
  const known = tools.some((tool) => tool.name === name || tool.kind === 'namespace');
  return known ? null : `tool_choice names ${name || 'no tool'}, and no tool is named so`;
}
