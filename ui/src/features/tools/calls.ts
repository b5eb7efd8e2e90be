// The calls of an answer that wait for somebody to say what they gave.
import type { OutputItem } from '../../bindings/OutputItem';
import type { Reply } from '../../state/tool-replies.svelte';
import { ItemView } from '../responses/item-view';
import { itemReply } from './item-replies';

export type CallKind = 'function' | 'custom' | 'approval' | 'computer' | 'shell' | 'localShell' | 'patch';

export interface Call {
  /** The choice or output item that made it, and which of its calls it is. */
  choice: number;
  call: number;
  kind: CallKind;
  /** By which its result names it; `null` when the server gave none. */
  id: string | null;
  name: string;
  /** As the model spelled them. */
  given: string;
  /** The item that is the call, where it is one. */
  item: ItemView | null;
}

/** What is asked of the person: one for each id, because each is answered once. */
export interface Question {
  id: string;
  kind: CallKind;
  name: string;
  /** Its accessible name, numbered when several would have the same. */
  label: string;
  calls: Call[];
}

/** What the person says to the calls of an answer. */
export interface Said {
  reply(id: string): Reply;
  /** Arguments in the person's words; `null` for the model's own. */
  arguments(call: Call): string | null;
}

interface GivenCall {
  id: string | null;
  kind: string;
  name: string;
  arguments: { toString(): string };
}

export function chatCalls(calls: readonly GivenCall[], choice = 0): Call[] {
  return calls.map((call, index) => ({
    choice,
    call: index,
    kind: call.kind === 'custom' ? 'custom' : 'function',
    id: call.id || null,
    name: call.name,
    given: call.arguments.toString(),
    item: null,
  }));
}

/** An item and what its tool was given, as it streamed. */
export interface GivenItem {
  index: number;
  item: OutputItem;
  given: string | null;
}

interface Known {
  kind: CallKind;
  /** JSON pointers of its id, and of what its tool is given. */
  id: string;
  input: string;
  name?: string;
}

const KINDS: Readonly<Record<string, Known>> = {
  function_call: { kind: 'function', id: '/call_id', input: '/arguments' },
  custom_tool_call: { kind: 'custom', id: '/call_id', input: '/input' },
  mcp_approval_request: { kind: 'approval', id: '/id', input: '/arguments' },
  computer_call: { kind: 'computer', id: '/call_id', input: '', name: 'computer' },
  shell_call: { kind: 'shell', id: '/call_id', input: '', name: 'shell' },
  local_shell_call: { kind: 'localShell', id: '/call_id', input: '', name: 'local_shell' },
  apply_patch_call: { kind: 'patch', id: '/call_id', input: '', name: 'apply_patch' },
};

/** By which an item that answers a call names it. */
const ANSWERS: Readonly<Record<string, string>> = {
  mcp_approval_response: '/approval_request_id',
  local_shell_call_output: '/id',
};

export function itemCalls(items: readonly GivenItem[]): Call[] {
  const views = items.map(({ item }) => new ItemView(item));
  const done = new Set(
    views.flatMap((view) => {
      const { type } = view.item;
      const pointer = ANSWERS[type] ?? (type.endsWith('_output') ? '/call_id' : null);
      return pointer === null ? [] : (view.text(pointer) ?? []);
    }),
  );
  return items.flatMap(({ index, item, given }, at): Call[] => {
    const view = views[at]!;
    const known = KINDS[item.type];
    if (!known) return [];
    const id = view.text(known.id) || null;
    // The server made this call itself.
    if (id !== null && done.has(id)) return [];
    const name = known.name ?? view.text('/name') ?? '';
    const words = known.input === '' ? item.json : (given ?? view.text(known.input) ?? '');
    return [{ choice: index, call: 0, kind: known.kind, id, name, given: words, item: view }];
  });
}

export function questions(calls: readonly Call[]): Question[] {
  const byId = new Map<string, Call[]>();
  for (const call of calls) if (call.id !== null) byId.set(call.id, [...(byId.get(call.id) ?? []), call]);
  const asked = [...byId].map(([id, calls]): Question => {
    const { kind, name } = calls[0]!;
    return { id, kind, name, label: `${kind === 'approval' ? 'Approval' : 'Result'} of ${name || 'tool'}`, calls };
  });
  const seen = new Map<string, number>();
  return asked.map((question) => {
    if (asked.filter(({ label }) => label === question.label).length === 1) return question;
    const number = (seen.get(question.label) ?? 0) + 1;
    seen.set(question.label, number);
    return { ...question, label: `${question.label} ${number}` };
  });
}

/** Calls whose arguments can be put in other words. */
export const hasArguments = ({ kind }: Call) => kind === 'function' || kind === 'custom';

export function isAnswered(question: Question, reply: Reply): boolean {
  if (reply.isAsking || reply.error) return false;
  switch (question.kind) {
    case 'approval':
      return reply.approves !== null;
    case 'function':
    case 'custom':
      return reply.text !== '' || reply.isEmpty;
    default:
      return itemReply(question, reply) !== null;
  }
}

/** Why the results cannot be sent yet, or `null`. */
export function missing(calls: readonly Call[], said: Said): string | null {
  const nameless = calls.find(({ id }) => id === null);
  if (nameless) return `The call of ${nameless.name || 'a tool'} came without an id, so nothing can answer it`;
  const open = questions(calls).filter((question) => !isAnswered(question, said.reply(question.id)));
  if (open.length === 0) return null;
  return `Fill ${open.map(({ label }) => label).join(', ')}`;
}

/** Calls whose arguments are the person's, and differ from the model's. */
export function edited(calls: readonly Call[], said: Said): Call[] {
  return calls.filter((call) => (said.arguments(call) ?? call.given) !== call.given);
}
