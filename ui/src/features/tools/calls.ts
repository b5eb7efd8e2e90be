// The calls of an answer that wait for somebody to say what they gave.
import type { OutputItem } from '../../bindings/OutputItem';
import type { Reply } from '../../state/tool-replies.svelte';
import { ItemView } from '../responses/item-view';

export type CallKind = 'function' | 'custom' | 'approval';

export interface Call {
  /** Where it stands in the answer, apart from every other. */
  place: string;
  kind: CallKind;
  /** By which its result names it; `null` when the server gave none. */
  id: string | null;
  name: string;
  /** As the model spelled them. */
  given: string;
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
  arguments(place: string): string | null;
}

interface GivenCall {
  id: string | null;
  kind: string;
  name: string;
  arguments: { toString(): string };
}

export function chatCalls(calls: readonly GivenCall[], choice = 0): Call[] {
  return calls.map((call, index) => ({
    place: `${choice}.${index}`,
    kind: call.kind === 'custom' ? 'custom' : 'function',
    id: call.id || null,
    name: call.name,
    given: call.arguments.toString(),
  }));
}

/** An item and what its tool was given, as it streamed. */
export interface GivenItem {
  index: number;
  item: OutputItem;
  given: string | null;
}

const KINDS: Readonly<Record<string, { kind: CallKind; id: string; input: string }>> = {
  function_call: { kind: 'function', id: '/call_id', input: '/arguments' },
  custom_tool_call: { kind: 'custom', id: '/call_id', input: '/input' },
  mcp_approval_request: { kind: 'approval', id: '/id', input: '/arguments' },
};

/** JSON pointer of what the tool of an item is given. */
export function inputOf(type: string): string | null {
  return KINDS[type]?.input ?? null;
}

export function itemCalls(items: readonly GivenItem[]): Call[] {
  const views = items.map(({ item }) => new ItemView(item));
  const done = new Set(
    views.flatMap((view) => {
      if (view.item.type === 'mcp_approval_response') return view.text('/approval_request_id') ?? [];
      return view.item.type.endsWith('_output') ? (view.text('/call_id') ?? []) : [];
    }),
  );
  return items.flatMap(({ index, item, given }, at): Call[] => {
    const view = views[at]!;
    const known = KINDS[item.type];
    if (!known) return [];
    const id = view.text(known.id) || null;
    // The server made this call itself.
    if (id !== null && done.has(id)) return [];
    const text = given ?? view.text(known.input) ?? '';
    return [{ place: String(index), kind: known.kind, id, name: view.text('/name') ?? '', given: text }];
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

export function isAnswered({ kind }: Question, { text, isEmpty, approves }: Reply): boolean {
  return kind === 'approval' ? approves !== null : text !== '' || isEmpty;
}

/** Why the results cannot be sent yet, or `null`. */
export function missing(calls: readonly Call[], said: Said): string | null {
  const nameless = calls.find(({ id }) => id === null);
  if (nameless) return `The call of ${nameless.name || 'a tool'} came without an id, so nothing can answer it`;
  const open = questions(calls).filter((question) => !isAnswered(question, said.reply(question.id)));
  if (open.length === 0) return null;
  return `Fill ${open.map(({ label }) => label).join(', ')}`;
}

/** Places of the calls whose arguments are the person's, and differ from the model's. */
export function edited(calls: readonly Call[], said: Said): Set<string> {
  const changed = calls.filter(({ place, given }) => (said.arguments(place) ?? given) !== given);
  return new Set(changed.map(({ place }) => place));
}
