// What goes back to the model: its answer and the results of its calls, as messages of a draft.
import type { Cell } from '../../bindings/Cell';
import type { Content } from '../../bindings/Content';
import type { Lane } from '../../bindings/Lane';
import type { Message } from '../../bindings/Message';
import type { Parameter } from '../../bindings/Parameter';
import type { Role } from '../../bindings/Role';
import { newId } from '../../lib/ids';
import { membersOf, replaceAt, sliceAt } from '../../lib/json-slice';
import { quote, unquote } from '../../lib/json-text';
import { ROLES } from '../../state/comparison/messages';
import { inputOf, questions, type Call, type Question, type Said } from './calls';

type Made = Pick<Message, 'role' | 'content' | 'members'> & Partial<Message>;

const made = (message: Made): Message => ({ id: newId(), muted: false, order: [], ...message });
const text = (words: string): Content => ({ kind: 'text', text: words });
const member = (name: string, words: string): Parameter => ({ name, json: quote(words) });
const toolMessage = ({ id }: Question, words: string): Message =>
  made({ role: 'tool', content: text(words), members: [member('tool_call_id', id)] });

/** The message of a chat that made the calls, and one message for each id with its result. */
export function chatMessages(words: string, calls: readonly Call[], said: Said): Message[] {
  const json = calls.map(({ place, kind, id, name, given }) => {
    const input = said.arguments(place) ?? given;
    const call = kind === 'custom' ? { name, input } : { name, arguments: input };
    return JSON.stringify({ id, type: kind, [kind]: call });
  });
  const assistant = made({
    role: 'assistant',
    content: words === '' ? { kind: 'null' } : text(words),
    members: [{ name: 'tool_calls', json: `[${json.join(',')}]` }],
  });
  return [assistant, ...questions(calls).map((question) => toolMessage(question, said.reply(question.id).text))];
}

/** Results as the input of a response. */
export function outputMessages(calls: readonly Call[], said: Said): Message[] {
  return questions(calls).map((question) => {
    const { text: words, approves, reason } = said.reply(question.id);
    if (question.kind === 'function') return toolMessage(question, words);
    const members =
      question.kind === 'custom'
        ? [member('type', 'custom_tool_call_output'), member('call_id', question.id), member('output', words)]
        : [
            member('type', 'mcp_approval_response'),
            member('approval_request_id', question.id),
            { name: 'approve', json: String(approves === true) },
            ...(reason === '' ? [] : [member('reason', reason)]),
          ];
    return made({ role: 'tool', content: { kind: 'absent' }, members });
  });
}

/** An output item that is said again, as it came. */
export interface WholeItem {
  place: string;
  type: string;
  /** With none of its strings cut. */
  json: string;
}

/** The items of an answer, with the arguments that the person changed. */
export function itemMessages(items: readonly WholeItem[], said: Said): Message[] {
  return items.map(({ place, type, json }) => {
    const pointer = inputOf(type);
    const input = said.arguments(place);
    return itemMessage(pointer === null || input === null ? json : replaceAt(json, pointer, quote(input)));
  });
}

function itemMessage(json: string): Message {
  const all = membersOf(json);
  const order = all.map(({ name }) => name);
  if (all.find(({ name }) => name === 'type')?.json !== '"message"')
    return made({ role: 'assistant', content: { kind: 'absent' }, members: all, order });
  const role = unquote(all.find(({ name }) => name === 'role')?.json ?? '');
  const members = all.filter(({ name }) => name !== 'role' && name !== 'content');
  const content = contentOf(all.find(({ name }) => name === 'content')?.json ?? 'null');
  return made({ role: isRole(role) ? role : 'assistant', content, members, order });
}

const isRole = (role: string | null): role is Role => ROLES.some((known) => known.role === role);

function contentOf(json: string): Content {
  const words = unquote(json);
  if (words !== null) return text(words);
  const parts: unknown = JSON.parse(json);
  if (!Array.isArray(parts)) return { kind: 'null' };
  return { kind: 'parts', parts: elementsOf(json).map((part) => ({ kind: 'raw', json: part })) };
}

/** The elements of a list, as they are spelled. */
function elementsOf(json: string): string[] {
  const list = JSON.parse(json) as unknown[];
  return list.map((_, index) => sliceAt(json, `/${index}`) ?? 'null');
}

/** The response that the next one can go on from, because the server keeps it; `null` when all is to be said again. */
export function storedResponse({ endpoint, connection, outcome, request }: Cell, lane: Lane): string | null {
  if (endpoint !== 'responses' || lane.endpoint !== 'responses' || lane.connection !== connection) return null;
  if (outcome.status !== 'completed' && outcome.status !== 'incomplete') return null;
  const isForgotten = request?.keys.some(({ name, json }) => name === 'store' && json.trim() === 'false') ?? false;
  return isForgotten ? null : outcome.responseId;
}
