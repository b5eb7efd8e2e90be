// The part of the memory host that serves JSON of a draft: enough to try the page, with every value as it was spelled.
import type { BodyEdit } from '../../bindings/BodyEdit';
import type { BodyProblem } from '../../bindings/BodyProblem';
import type { Comparison } from '../../bindings/Comparison';
import type { Message } from '../../bindings/Message';
import type { Parameter } from '../../bindings/Parameter';
import type { ParameterTable } from '../../bindings/ParameterTable';
import { newId } from '../../lib/ids';
import { findJsonFault, layOut, quote, unquote } from '../../lib/json-text';
import { checkValue } from '../../state/comparison/check';
import { effectiveParameters, rewrite } from '../../state/comparison/parameters';
import { ROLES } from '../../state/comparison/messages';
import type { Host } from '../host';
import type { MemoryHost } from '../memory';
import { carry } from './carry';
import tables from './tables.json';

export type BodyHost = Pick<Host, 'laneBody' | 'laneParameters' | 'applyBody'>;

export function bodyHost(host: MemoryHost): BodyHost {
  return {
    laneParameters: (comparison, id) => {
      const lane = comparison.lanes.find((candidate) => candidate.id === id)!;
      const connection = host.connections.find((candidate) => candidate.id === lane.connection)!;
      return Promise.resolve(carry(comparison, lane, connection).keys.map(({ name, json }) => ({ name, json })));
    },
    laneBody: (comparison, lane) => Promise.resolve(layOut(bodyOf(comparison, lane))),
    applyBody: (comparison, lane, text) => Promise.resolve(apply(host, comparison, lane, text)),
  };
}

/** What the messages become; enough of it to have something to edit. */
const CONTENT = {
  chat: 'messages',
  responses: 'input',
  generic: 'args',
  generate: 'prompt',
  completions: 'prompt',
  embed: 'input',
  image: 'prompt',
  transcribe: 'file',
  synthesize: 'input',
  models: 'messages',
};

function bodyOf(comparison: Comparison, id: string): string {
  const lane = comparison.lanes.find((candidate) => candidate.id === id);
  if (!lane) return '{}';
  if (lane.rawBody !== null) return lane.rawBody;
  const messages = (lane.forkedMessages ?? comparison.draft.messages).filter(({ muted }) => !muted).map(messageText);
  const own = effectiveParameters(comparison, lane).map(({ name, json }) => `${quote(name)}:${json}`);
  return `{${[`"model":${quote(lane.model)}`, `"${CONTENT[lane.endpoint]}":[${messages.join(',')}]`, ...own].join(',')}}`;
}

function messageText({ role, content, members }: Message): string {
  const written =
    content.kind === 'text'
      ? [`"content":${quote(content.text)}`]
      : content.kind === 'null'
        ? ['"content":null']
        : content.kind === 'parts'
          ? [`"content":${JSON.stringify(content.parts)}`]
          : [];
  return `{${[`"role":"${role}"`, ...written, ...members.map(({ name, json }) => `${quote(name)}:${json}`)].join(',')}}`;
}

interface Item {
  json: string;
  at: number;
}

/** The parts of a list or an object that is JSON, as they are spelled. */
function parts(json: string, from: number): Item[] {
  const items: Item[] = [];
  let depth = 0;
  let start = json.search(/[[{]/) + 1;
  for (let at = 0; at < json.length; at += 1) {
    const character = json.charAt(at);
    if (character === '"') {
      for (at += 1; json.charAt(at) !== '"'; at += 1) if (json.charAt(at) === '\\') at += 1;
    } else if ('[{'.includes(character)) depth += 1;
    else if (character === ',' || ']}'.includes(character)) {
      if (depth === 1 && json.slice(start, at).trim() !== '') {
        const lead = json.slice(start, at).search(/\S/);
        items.push({ json: json.slice(start, at).trim(), at: from + start + lead });
        start = at + 1;
      }
      if (character !== ',') depth -= 1;
    }
  }
  return items;
}

function members(item: Item): (Parameter & { at: number })[] {
  return parts(item.json, item.at).map(({ json, at }) => {
    const end = /^"(?:[^"\\]|\\.)*"/.exec(json)?.[0].length ?? 0;
    const colon = json.indexOf(':', end) + 1;
    const lead = json.slice(colon).search(/\S/);
    return { name: unquote(json.slice(0, end)) ?? '', json: json.slice(colon).trim(), at: at + colon + lead };
  });
}

function apply(host: MemoryHost, comparison: Comparison, id: string, text: string): BodyEdit {
  const problem = (start: number, length: number, path: string, message: string): BodyProblem => ({
    start,
    end: start + length,
    severity: 'error',
    path,
    message,
  });
  const fault = findJsonFault(text);
  if (fault) return { comparison: null, problems: [problem(fault.at, 1, '', `${fault.message}.`)] };
  const changed = structuredClone(comparison);
  const lane = changed.lanes.find((candidate) => candidate.id === id);
  if (!lane) return { comparison: null, problems: [problem(0, 0, '', 'This lane is not there any more.')] };
  if (lane.endpoint !== 'chat' || changed.lanes[0]?.endpoint !== 'chat') {
    lane.rawBody = text;
    return { comparison: changed, problems: [] };
  }
  const problems: BodyProblem[] = [];
  const own: Parameter[] = [];
  const dialect = host.connections.find((connection) => connection.id === lane.connection)?.dialect;
  const before = lane.forkedMessages ?? changed.draft.messages;
  for (const { name, json, at } of members({ json: text, at: 0 })) {
    if (name === 'model') lane.model = unquote(json) ?? '';
    else if (name === 'messages') {
      const read = parts(json, at).map((item, index) => messageOf(item, before[index]?.id));
      for (const [index, one] of read.entries()) {
        if (!one) problems.push(problem(at, 1, `messages[${index}].role`, 'A message has one of the known roles.'));
      }
      const messages = read.filter((one) => one !== null);
      if (lane.forkedMessages) lane.forkedMessages = messages;
      else changed.draft.messages = messages;
    } else {
      own.push({ name, json });
      const table = (tables as ParameterTable[]).find((known) => known.dialect === dialect);
      const words = checkValue(table?.parameters.find((spec) => spec.name === name)?.kind ?? null, json);
      if (words) problems.push({ ...problem(at, json.length, name, words), severity: 'warning' });
    }
  }
  if (problems.some(({ severity }) => severity === 'error')) return { comparison: null, problems };
  // What the base sends, every lane follows that says nothing else.
  if (changed.lanes[0] === lane) changed.draft.parameters = own;
  else rewrite(changed, (one) => (one.id === id ? own : effectiveParameters(comparison, one)));
  return { comparison: changed, problems };
}

function messageOf(item: Item, id: string | undefined): Message | null {
  const all = members(item);
  const role = ROLES.find((known) => quote(known.role) === all.find(({ name }) => name === 'role')?.json)?.role;
  if (!role) return null;
  const json = all.find(({ name }) => name === 'content')?.json;
  const text = json === undefined ? null : unquote(json);
  return {
    id: id ?? newId(),
    role,
    content: json === undefined ? { kind: 'absent' } : text === null ? { kind: 'null' } : { kind: 'text', text },
    muted: false,
    members: all.filter(({ name }) => name !== 'role' && name !== 'content').map(({ name, json }) => ({ name, json })),
    order: [],
  };
}
