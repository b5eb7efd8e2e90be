// A model that asks two tools at once, then a third, and answers when each call has its result.
import type { Append } from '../../bindings/Append';
import type { Cell } from '../../bindings/Cell';
import type { Comparison } from '../../bindings/Comparison';
import type { Lane } from '../../bindings/Lane';
import type { Message } from '../../bindings/Message';
import type { ToolResult } from '../../bindings/ToolResult';
import type { Sample } from './samples';

const TOOLS_MODEL = 'sandbox/tools-steps';

export interface MadeCall {
  id: string;
  name: string;
  given: string;
}

/** The calls of each answer. */
const STEPS: readonly MadeCall[][] = [
  [
    { id: 'call_weather', name: 'get_weather', given: '{"city":"Ås","days":1.0}' },
    { id: 'call_time', name: 'get_time', given: '{"zone":"Europe/Oslo"}' },
  ],
  [{ id: 'call_alerts', name: 'get_alerts', given: '{"county":"Akershus"}' }],
];

/** A comparison whose lanes call these tools. */
export function withTools(comparison: Comparison, mode: string): Comparison {
  const url = 'http://127.0.0.1:8700/alerts';
  const text = (tool: string, words: string) => ({ tool, when: [], gives: { kind: 'text' as const, text: words } });
  comparison.draft.toolPlan = {
    mode: mode === 'auto' ? 'auto' : 'step',
    mostSteps: 8,
    rules: [
      text('get_weather', '{"city":"{{arguments/city}}","temperature":21.5}'),
      ...(mode === 'auto' ? [text('get_time', '14:05')] : []),
      {
        tool: 'get_alerts',
        when: [],
        gives: { kind: 'http', url: mode === 'failing' ? `${url}/500` : url, timeoutMs: 10_000 },
      },
    ],
  };
  const names = STEPS.flat().map(({ name }) => ({ type: 'function', function: { name } }));
  comparison.draft.parameters.push({ name: 'tools', json: JSON.stringify(names) });
  for (const lane of comparison.lanes) lane.model = TOOLS_MODEL;
  return comparison;
}

/** What the model says next: its calls, or else its answer or why it refuses. */
export interface ToolTurn {
  calls: readonly MadeCall[];
  text: string;
}

/** What the model was told: in the messages, and by the results of earlier steps. `null` for every other model. */
export function toolTurn(snapshot: Comparison, lane: Lane, earlier: readonly Cell[]): ToolTurn | null {
  if (lane.model !== TOOLS_MODEL) return null;
  const sent = (lane.forkedMessages ?? snapshot.draft.messages).filter(({ muted }) => !muted);
  const answered = [
    ...sent.flatMap((message) => resultIn(message) ?? []),
    ...earlier.flatMap(({ results }) => results.map((result) => ({ id: result.id, words: wordsOf(result) }))),
  ];
  const times = (id: string) => answered.filter((one) => one.id === id).length;
  const begun = STEPS.filter((calls) => calls.some(({ id }) => times(id) > 0));
  const flawed = begun.flat().find(({ id }) => times(id) !== 1);
  if (flawed) return { calls: [], text: `The call ${flawed.id} is to be answered once.` };
  const calls = STEPS[begun.length];
  if (calls) return { calls, text: '' };
  return { calls: [], text: `Known: ${answered.map(({ words }) => words || 'nothing').join(', ')}.` };
}

function resultIn({ role, members, content }: Message): { id: string; words: string } | null {
  const id = members.find(({ name }) => name === 'tool_call_id')?.json;
  if (role !== 'tool' || id === undefined) return null;
  return { id: JSON.parse(id) as string, words: content.kind === 'text' ? content.text : '' };
}

export function wordsOf({ state }: ToolResult): string {
  if (state.kind !== 'given') return '';
  return state.reply.kind === 'output' ? state.reply.text : JSON.stringify(state.reply);
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
