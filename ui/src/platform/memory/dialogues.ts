// How the calls of a made-up answer get their results: by hand, by the texts of rules, and by tools that are made up too.
import type { Cell } from '../../bindings/Cell';
import type { Message } from '../../bindings/Message';
import type { Run } from '../../bindings/Run';
import type { ToolResult } from '../../bindings/ToolResult';
import type { ToolRule } from '../../bindings/ToolRule';
import { newId } from '../../lib/ids';
import type { Host } from '../host';
import type { MemoryHost } from '../memory';
import { emptyCell } from './run';
import { wordsOf, type MadeCall } from './tools';

export type DialogueHost = Pick<Host, 'answerCalls' | 'suggestResults' | 'dialogueMessages'> & {
  /** Goes on by itself, where the plan says so. */
  ended(cell: Cell): void;
  /** Ends the asking of tools. */
  stop(cell: string): void;
};

/** What a made-up tool takes to answer. */
const ASKING = 150;

export function dialogueHost(host: MemoryHost): DialogueHost {
  const asking = new Map<string, () => void>();

  const placeOf = (id: string): { run: Run; cell: Cell } => {
    for (const run of host.runs.values()) {
      const cell = run.cells.find((one) => one.id === id);
      if (cell) return { run, cell };
    }
    throw { kind: 'notFound', what: 'cell' };
  };

  const ruleFor = ({ snapshot }: Run, call: MadeCall): ToolRule | undefined =>
    snapshot.draft.toolPlan.rules.find(
      ({ tool, when }) =>
        (tool === '*' || tool === call.name) &&
        when.every(({ pointer, equals }) => String(at(JSON.parse(call.given), pointer)) === equals),
    );

  function resultOf(call: MadeCall, { gives }: ToolRule): ToolResult {
    const { id, name } = call;
    if (gives.kind === 'text') {
      const text = gives.text.replace(/\{\{arguments(\/[^}]*)?\}\}/g, (_, pointer?: string) =>
        pointer ? String(at(JSON.parse(call.given), pointer)) : call.given,
      );
      return { id, name, origin: { kind: 'rule' }, state: given(text), elapsedMs: null };
    }
    const isBroken = gives.url.includes('500');
    const message = `The tool at ${gives.url} answered 500`;
    return {
      id,
      name,
      origin: { kind: 'http', url: gives.url, status: isBroken ? 500 : 200 },
      state: isBroken
        ? { kind: 'failed', error: { kind: 'invalid', field: name, message } }
        : given(`{"from":${JSON.stringify(gives.url)}}`),
      elapsedMs: ASKING,
    };
  }

  /** Asks what is to be asked; the call is told to be asking meanwhile. */
  async function suggested(id: string): Promise<ToolResult[]> {
    const { run, cell } = placeOf(id);
    const found = callsOf(cell).flatMap((call) => {
      const rule = ruleFor(run, call);
      return rule ? [resultOf(call, rule)] : [];
    });
    if (found.some(({ origin }) => origin.kind === 'http')) {
      await new Promise<void>((resolve) => {
        asking.set(id, resolve);
        setTimeout(resolve, ASKING);
      });
      asking.delete(id);
    }
    return found;
  }

  function next(run: Run, cell: Cell): Cell {
    const connection = host.connections.find(({ id }) => id === cell.connection) ?? host.connections[0]!;
    const made = emptyCell(newId(), run.summary.id, run.snapshot, cell.laneIndex, cell.repeat, connection);
    made.step = cell.step + 1;
    host.playStep(run, made);
    return structuredClone(made);
  }

  return {
    async answerCalls(id, replies) {
      const { run, cell } = placeOf(id);
      const missing = callsOf(cell).find((call) => !replies.results.some((one) => one.id === call.id));
      if (missing) throw { kind: 'invalid', field: 'results', message: `The call ${missing.id} has no result.` };
      host.change({ ...cell, results: replies.results, arguments: replies.arguments });
      return next(run, placeOf(id).cell);
    },
    suggestResults: suggested,
    async dialogueMessages(id, replies) {
      const { run, cell } = placeOf(id);
      const lane = run.snapshot.lanes[cell.laneIndex];
      const steps = run.cells
        .filter((one) => one.lane === cell.lane && one.repeat === cell.repeat && one.step <= cell.step)
        .map((one) => (one.id === id && replies ? { ...one, results: replies.results } : one));
      return [
        ...structuredClone(lane?.forkedMessages ?? run.snapshot.draft.messages),
        ...steps.flatMap((one) => messagesOf(one)),
      ];
    },
    ended(cell) {
      const run = host.runs.get(cell.run);
      // An answer whose place another took while it came.
      if (!run?.cells.some(({ id }) => id === cell.id)) return;
      const { mode, mostSteps } = run.snapshot.draft.toolPlan;
      const calls = callsOf(cell);
      if (mode !== 'auto' || calls.length === 0 || cell.step + 1 >= mostSteps) return;
      if (!calls.every((call) => ruleFor(run, call))) return;
      const asked = calls.flatMap((call): ToolResult[] => {
        const result = resultOf(call, ruleFor(run, call)!);
        return [result.origin.kind === 'http' ? { ...result, state: { kind: 'asking' }, elapsedMs: null } : result];
      });
      host.change({ ...cell, results: asked });
      void suggested(cell.id).then((results) => {
        host.change({ ...placeOf(cell.id).cell, results });
        if (results.every(({ state }) => state.kind === 'given')) next(run, cell);
      });
    },
    stop: (cell) => asking.get(cell)?.(),
  };
}

const given = (text: string): ToolResult['state'] => ({ kind: 'given', reply: { kind: 'output', text } });

function callsOf(cell: Cell): MadeCall[] {
  return cell.outcome.choices.flatMap(({ toolCalls, item }) => {
    if (!item) return toolCalls.map(({ id, name, arguments: words }) => ({ id: id ?? '', name, given: words }));
    if (item.type !== 'function_call') return [];
    const { call_id: id, name } = JSON.parse(item.json) as { call_id: string; name: string };
    return [{ id, name, given: toolCalls[0]?.arguments ?? '{}' }];
  });
}

function messagesOf(cell: Cell): Message[] {
  const made = { muted: false, order: [], members: [] };
  const calls = callsOf(cell).map(({ id, name, given: words }) => ({
    id,
    type: 'function',
    function: { name, arguments: words },
  }));
  const text = cell.outcome.choices.map((choice) => choice.text).join('');
  return [
    {
      ...made,
      id: newId(),
      role: 'assistant',
      content: { kind: 'text', text },
      members: calls.length > 0 ? [{ name: 'tool_calls', json: JSON.stringify(calls) }] : [],
    },
    ...cell.results.map((result): Message => ({
      ...made,
      id: newId(),
      role: 'tool',
      content: { kind: 'text', text: wordsOf(result) },
      members: [{ name: 'tool_call_id', json: JSON.stringify(result.id) }],
    })),
  ];
}

function at(value: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], value);
}
