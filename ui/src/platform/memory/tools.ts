// A model that asks two tools at once and answers when each call has its result.
import type { Append } from '../../bindings/Append';
import type { Comparison } from '../../bindings/Comparison';
import type { Lane } from '../../bindings/Lane';
import type { Message } from '../../bindings/Message';
import type { Sample } from './samples';

const TOOLS_MODEL = 'sandbox/tools-steps';

const CALLS = [
  { id: 'call_weather', name: 'get_weather', given: '{"city":"Ås","days":1.0}' },
  { id: 'call_time', name: 'get_time', given: '{"zone":"Europe/Oslo"}' },
];

/** What the model says next: its calls, or else its answer or why it refuses. */
export interface ToolTurn {
  calls: typeof CALLS;
  text: string;
}

/** `null` for every other model. */
export function toolTurn(snapshot: Comparison, lane: Lane): ToolTurn | null {
  if (lane.model !== TOOLS_MODEL) return null;
  const sent = (lane.forkedMessages ?? snapshot.draft.messages).filter(({ muted }) => !muted);
  const answered = sent.flatMap((message) => resultIn(message) ?? []);
  if (answered.length === 0) return { calls: CALLS, text: '' };
  const flawed = CALLS.find(({ id }) => answered.filter((one) => one.id === id).length !== 1);
  if (flawed) return { calls: [], text: `The call ${flawed.id} is to be answered once.` };
  return { calls: [], text: `Known: ${answered.map(({ words }) => words || 'nothing').join(', ')}.` };
}

function resultIn({ role, members, content }: Message): { id: string; words: string } | null {
  const id = members.find(({ name }) => name === 'tool_call_id')?.json;
  if (role !== 'tool' || id === undefined) return null;
  return { id: JSON.parse(id) as string, words: content.kind === 'text' ? content.text : '' };
}

export function toolItems({ calls, text }: ToolTurn): Sample[] {
  if (calls.length === 0) {
    const content = [{ type: 'output_text', text, annotations: [] }];
    return [{ item: { id: 'msg_known', type: 'message', role: 'assistant', status: 'completed', content }, text }];
  }
  return calls.map(({ id, name, given }) => ({
    item: { id: `fc_${id}`, type: 'function_call', status: 'completed', call_id: id, name, arguments: given },
    given,
  }));
}

export function toolAppends(turn: ToolTurn | null): Append[] {
  return (turn?.calls ?? []).map(({ id, name, given }, call) => ({
    kind: 'toolCall',
    choice: 0,
    call,
    id,
    name,
    toolKind: 'function',
    arguments: given,
  }));
}
