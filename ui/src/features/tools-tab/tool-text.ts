// The tools of a request, read from their JSON text. A tool is edited in that text, so that what is not known here goes out
// as it was written.
import type { EndpointKind } from '../../bindings/EndpointKind';
import type { ToolMember } from './kinds';
import { removeItem, setMember } from '../../lib/json-edit';
import { itemsAt, membersOf, sliceAt } from '../../lib/json-slice';
import { isJson, unquote } from '../../lib/json-text';
import { remember } from '../../lib/remember';

/** A tool of the list. */
export interface Tool {
  /** As it stands in the list. */
  json: string;
  /** Its `type`; empty when there is none. */
  kind: string;
  /** JSON pointer of the object with its name: a chat nests it under the kind. */
  at: string;
  name: string;
  description: string;
  strict: boolean;
  /** JSON text of the schema of its arguments. */
  parameters: string | null;
  isObject: boolean;
}

/** Kinds that a person's own program answers. They have a name, and a chat nests it. */
export const OWN_KINDS: readonly string[] = ['function', 'custom'];

/** The order in which members are written when they are new. */
export const ORDER: readonly string[] = ['type', 'name', 'description', 'parameters', 'strict', 'format'];

/** The tools in a text; `null` when it is no JSON list. */
export const readTools = remember((json: string): readonly Tool[] | null => {
  if (!isJson(json)) return null;
  const list = itemsAt(json, '');
  if (!list || json.charAt(list.open) !== '[') return null;
  return list.items.map(({ start, end }) => readTool(json.slice(start, end)));
}, 60);

export function readTool(json: string): Tool {
  const isObject = json.trimStart().startsWith('{');
  const kind = textAt(json, '/type');
  const nested = OWN_KINDS.includes(kind) && sliceAt(json, `/${kind}`)?.startsWith('{') === true;
  const at = nested ? `/${kind}` : '';
  return {
    json,
    kind,
    at,
    name: textAt(json, `${at}/name`),
    description: textAt(json, `${at}/description`),
    strict: sliceAt(json, `${at}/strict`) === 'true',
    parameters: sliceAt(json, `${at}/parameters`),
    isObject,
  };
}

function textAt(json: string, pointer: string): string {
  return unquote(sliceAt(json, pointer) ?? '') ?? '';
}

/** How a tool is called where it has no name of its own. */
export function titleOf(tool: Tool): string {
  if (tool.name !== '') return tool.name;
  if (OWN_KINDS.includes(tool.kind) || tool.kind === '') return 'No name';
  return textAt(tool.json, '/server_label') || tool.kind;
}

/** Names of the properties of its arguments. */
export function argumentNames(tool: Tool): string[] {
  const properties = tool.parameters === null ? null : sliceAt(tool.parameters, '/properties');
  return properties?.startsWith('{') ? membersOf(properties).map(({ name }) => name) : [];
}

/** A tool with a member changed, of the object with its name unless told; `null` takes it out. */
export function withMember(tool: Tool, name: string, json: string | null, at = tool.at): string {
  return json === null ? removeItem(tool.json, at, name) : setMember(tool.json, at, name, json, ORDER);
}

/** The state of `strict`, which is not sent unless somebody says so. */
export function strictOf(tool: Tool): 'unset' | 'true' | 'false' {
  const json = sliceAt(tool.json, `${tool.at}/strict`);
  return json === 'true' || json === 'false' ? json : 'unset';
}

/** A member that has no field of its own in the form. */
export interface MemberRow {
  /** JSON pointer of the object that has it. */
  at: string;
  name: string;
  /** `null` while it is not sent. */
  json: string | null;
  /** What is documented of it. */
  known: ToolMember | null;
}

/** Members that the form shows by itself. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  function: ['type', 'name', 'description', 'parameters', 'strict'],
  custom: ['type', 'name', 'description'],
};

/** What a tool may have or has beside its fields: what is documented first, then what is not known. */
export function memberRows(tool: Tool, documented: readonly ToolMember[]): MemberRow[] {
  if (!tool.isObject) return [];
  const shown = [...(FIELDS[tool.kind] ?? ['type']), ...documented.map(({ name }) => name)];
  const known = documented.map((member): MemberRow => {
    const json = sliceAt(tool.json, `${tool.at}/${member.name}`);
    return { at: tool.at, name: member.name, json, known: member };
  });
  const others = unknownAt(tool, tool.at, shown);
  if (tool.at === '') return [...known, ...others];
  return [...known, ...others, ...unknownAt(tool, '', ['type', tool.kind])];
}

function unknownAt(tool: Tool, at: string, shown: readonly string[]): MemberRow[] {
  const members = new Map(membersOf(sliceAt(tool.json, at) ?? '{}').map(({ name, json }) => [name, json]));
  return [...members].flatMap(([name, json]) => (shown.includes(name) ? [] : { at, name, json, known: null }));
}

/** Does a chat's list have the tool's own members one level deeper than they stand? Or the other way round? */
export function isSpelledFor(tool: Tool, endpoint: EndpointKind): boolean {
  if (!OWN_KINDS.includes(tool.kind)) return true;
  if (endpoint === 'chat') return tool.at !== '';
  return endpoint !== 'responses' || tool.at === '';
}

/** The tool in the words of an endpoint: nested in a chat, flat in responses. Values keep their spelling. */
export function spelledFor(json: string, endpoint: EndpointKind): string {
  const tool = readTool(json);
  if (isSpelledFor(tool, endpoint)) return json;
  const type = `"type":"${tool.kind}"`;
  const others = membersOf(json).filter(({ name }) => name !== 'type' && name !== tool.kind);
  if (tool.at === '') {
    const inner = others.map(({ name, json }) => member(name, name === 'format' ? nestedGrammar(json) : json));
    return `{${type},"${tool.kind}":{${inner.join(',')}}}`;
  }
  const inner = membersOf(sliceAt(json, tool.at) ?? '{}').map(({ name, json }) => ({
    name,
    json: tool.kind === 'custom' && name === 'format' ? flatGrammar(json) : json,
  }));
  return `{${[type, ...[...others, ...inner].map(({ name, json }) => member(name, json))].join(',')}}`;
}

export function member(name: string, json: string): string {
  return `${JSON.stringify(name)}:${json}`;
}

function flatGrammar(format: string): string {
  const grammar = sliceAt(format, '/grammar');
  if (!grammar?.startsWith('{')) return format;
  const others = membersOf(format).filter(({ name }) => name !== 'grammar');
  return `{${[...others, ...membersOf(grammar)].map(({ name, json }) => member(name, json)).join(',')}}`;
}

function nestedGrammar(format: string): string {
  if (textAt(format, '/type') !== 'grammar' || sliceAt(format, '/grammar') !== null) return format;
  const inner = membersOf(format).filter(({ name }) => name !== 'type');
  return `{"type":"grammar","grammar":{${inner.map(({ name, json }) => member(name, json)).join(',')}}}`;
}
