// Tools that were pasted, in any of the spellings that are known, as a list of the endpoint at hand has them. Values keep
// their spelling; what has no place there is named.
import type { EndpointKind } from '../../bindings/EndpointKind';
import { itemsAt, membersOf, sliceAt } from '../../lib/json-slice';
import { describeFault, findJsonFault, quote, unquote } from '../../lib/json-text';
import { plural } from '../../lib/format';
import { OWN_KINDS, member, readTool, spelledFor, titleOf } from './tool-text';

/** How a tool was spelled. */
export type Spelling = 'chat' | 'responses' | 'function' | 'mcp' | 'anthropic' | 'schema';

export interface PastedTool {
  /** In the words of the endpoint. */
  json: string;
  title: string;
  spelling: Spelling;
  /** Names of members that have no place in the list. */
  leftOut: string[];
}

export interface Pasted {
  tools: PastedTool[];
  /** Why nothing, or not all, could be read. */
  problem: string | null;
}

/** Members that hold the tools of a request, of a list of a server, or of another provider. */
const HOLDERS = ['/tools', '/result/tools', '/functions', '/functionDeclarations', '/function_declarations'];

export function readPasted(text: string, endpoint: EndpointKind): Pasted {
  if (text.trim() === '') return { tools: [], problem: null };
  const fault = findJsonFault(text);
  if (fault) return { tools: [], problem: `Not JSON. ${describeFault(fault, text)}` };
  const found = toolsIn(text);
  const tools = found.flatMap((json) => pastedTool(json, endpoint) ?? []);
  const unread = found.length - tools.length;
  if (tools.length === 0) return { tools, problem: 'There is no tool in this JSON' };
  return { tools, problem: unread === 0 ? null : `${plural(unread, 'entry', 'entries')} could not be read as a tool` };
}

/** What may be a tool: the text itself, its elements, or what it holds. */
function toolsIn(json: string): string[] {
  const list = itemsAt(json, '');
  if (!list) return [json];
  if (json.charAt(list.open) === '[') {
    return list.items.flatMap(({ start, end }) => toolsIn(json.slice(start, end)));
  }
  // A tool of the kind namespace holds tools of its own.
  if (sliceAt(json, '/type') !== null) return [json];
  for (const holder of HOLDERS) {
    const held = sliceAt(json, holder);
    if (held?.startsWith('[')) return toolsIn(held);
  }
  return [json];
}

function pastedTool(json: string, endpoint: EndpointKind): PastedTool | null {
  if (!json.trimStart().startsWith('{')) return null;
  const has = (name: string): boolean => sliceAt(json, `/${name}`) !== null;
  const type = unquote(sliceAt(json, '/type') ?? '') ?? '';
  if (has('input_schema')) return described(json, 'anthropic', 'input_schema', endpoint);
  if (has('inputSchema')) return described(json, 'mcp', 'inputSchema', endpoint);
  const isSchema = has('properties') || has('$schema');
  if (isSchema && !has('parameters')) return fromSchema(json, endpoint);
  if (type === '' && has('name')) return described(json, 'function', 'parameters', endpoint);
  // A namespace of responses has tools, a schema of one of the types of values has none.
  if (type === '' || SCHEMA_TYPES.includes(type)) return null;
  const tool = readTool(json);
  const spelling: Spelling = OWN_KINDS.includes(tool.kind) && tool.at !== '' ? 'chat' : 'responses';
  const spelled = spelledFor(json, endpoint);
  return { json: spelled, title: titleOf(readTool(spelled)), spelling, leftOut: [] };
}

const SCHEMA_TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];

/** Members that a function has under their own names, whatever its spelling. */
const KEPT = ['name', 'description', 'strict'];
/** Members that say nothing that a function could say. */
const SILENT = ['type'];

function described(json: string, spelling: Spelling, schema: string, endpoint: EndpointKind): PastedTool | null {
  const members = membersOf(json);
  const kept = members
    .filter(({ name }) => KEPT.includes(name) || name === schema)
    .map(({ name, json }) => member(name === schema ? 'parameters' : name, json));
  const leftOut = members.map(({ name }) => name).filter((name) => ![...KEPT, ...SILENT, schema].includes(name));
  return made(kept, spelling, leftOut, endpoint);
}

function fromSchema(json: string, endpoint: EndpointKind): PastedTool | null {
  const title = unquote(sliceAt(json, '/title') ?? '') ?? '';
  const description = sliceAt(json, '/description');
  const members = [member('name', quote(nameFrom(title)))];
  if (description !== null) members.push(member('description', description));
  members.push(member('parameters', json));
  return made(members, 'schema', [], endpoint);
}

/** A title as a name that a tool may have: `Get the weather` is `get_the_weather`. */
function nameFrom(title: string): string {
  const plain = title.normalize('NFKD').replace(/\p{Mark}/gu, '');
  const name = plain.replace(/[^a-zA-Z0-9_-]+/g, '_').replace(/^_+|_+$/g, '');
  return (/\s/.test(title.trim()) ? name.toLowerCase() : name).slice(0, 64);
}

function made(members: readonly string[], spelling: Spelling, leftOut: string[], endpoint: EndpointKind): PastedTool {
  const json = spelledFor(`{${[member('type', '"function"'), ...members].join(',')}}`, endpoint);
  return { json, title: titleOf(readTool(json)), spelling, leftOut };
}
