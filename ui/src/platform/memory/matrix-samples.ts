// The matrices that the host in memory begins with: a draft, one that was interrupted, and two that are over.
import type { Check } from '../../bindings/Check';
import type { MatrixPlan } from '../../bindings/MatrixPlan';
import type { MatrixState } from '../../bindings/MatrixState';
import { refundReply } from './data';

export interface SampleMatrix {
  id: string;
  plan: MatrixPlan;
  state: MatrixState;
  /** The part of its cells that is over. */
  over: number;
  hoursAgo: number;
}

const CHECKS: Check[] = [
  { name: 'Names the order', rule: { kind: 'contains', text: '{{order_id}}', ignoreCase: false, not: false } },
  { name: 'At most 110 words', rule: { kind: 'length', unit: 'words', least: null, most: 110 } },
  { name: 'Promises no date', rule: { kind: 'regex', pattern: 'by \\w+day', ignoreCase: false, not: true } },
];

function plan(name: string, more: Partial<MatrixPlan> = {}, repeats = 5): MatrixPlan {
  const comparison = structuredClone(refundReply);
  comparison.draft.dataset = { path: 'tickets.csv', row: 0, off: false };
  comparison.draft.checks = structuredClone(CHECKS);
  comparison.lanes = comparison.lanes.slice(0, 2).map((lane) => ({ ...lane, overrides: [] }));
  comparison.lanes[1]!.connection = 'scale-prod';
  comparison.lanes[1]!.model = 'openai/gpt-4o-mini';
  comparison.repeats = repeats;
  return {
    name,
    comparison,
    prompts: [],
    axes: [{ parameter: 'temperature', values: '0, 0.5, 1' }],
    rows: { kind: 'first', count: 20 },
    limits: { inFlight: 8, perMinute: null, budget: null },
    ...more,
  };
}

const prompts = (texts: Record<string, string>): MatrixPlan['prompts'] =>
  Object.entries(texts).map(([name, text]) => {
    const messages = structuredClone(refundReply.draft.messages);
    messages[0]!.content = { kind: 'text', text };
    return { name, messages };
  });

/** `cells`: about as many cells of the one that is looked at first. */
export function sampleMatrices(cells: number): SampleMatrix[] {
  const tone = plan('Refund replies, three tones', {
    prompts: prompts({
      Warm: 'You write warm replies for Nordlys, a maker of bicycle lights. Answer in {{language}}.',
      Brief: 'You write brief replies for Nordlys. Answer in {{language}}, in three sentences.',
      Formal: 'You write formal replies for Nordlys. Answer in {{language}}, and name the order.',
    }),
  });
  if (cells > 0) {
    tone.rows = { kind: 'first', count: Math.ceil(cells / 90) };
    tone.comparison.draft.dataset = { path: 'large.csv', row: 0, off: false };
  }
  return [
    { id: 'tones', plan: tone, state: 'finished', over: 1, hoursAgo: 1 },
    {
      id: 'temperatures',
      plan: plan('Temperatures, 40 tickets', { rows: { kind: 'all' } }, 3),
      state: 'interrupted',
      over: 0.58,
      hoursAgo: 3,
    },
    {
      id: 'penalties',
      plan: plan('Does a seed help?', {
        axes: [{ parameter: 'seed', values: '7, unset' }],
        limits: { inFlight: 4, perMinute: 60, budget: 0.05 },
      }),
      state: 'overBudget',
      over: 0.4,
      hoursAgo: 26,
    },
    { id: 'small-models', plan: plan('Small models, draft', { axes: [] }), state: 'draft', over: 0, hoursAgo: 30 },
  ];
}
