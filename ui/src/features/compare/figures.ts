/** The four figures under a lane, with the formula behind each. */
import type { Cell } from '../../bindings/Cell';
import { count, dash, duration, money, speed } from '../../lib/format';
import type { LiveCell } from '../../state/runs/live-cell.svelte';

export interface Figure {
  name: string;
  value: string;
  unit: string;
  tip: string;
}

/** `86`, `24 + 212`, with `≈` when counted by us. */
function outValue(visible: number | null, reasoning: number | null, estimated: boolean): string {
  if (visible === null) return dash;
  const mark = estimated ? '≈ ' : '';
  return reasoning ? `${mark}${count(visible)} + ${count(reasoning)}` : `${mark}${count(visible)}`;
}

export function figures(cell: LiveCell | null): Figure[] {
  const head = cell?.head ?? null;
  return [firstToken(head), rate(cell), out(cell), cost(head)];
}

function firstToken(head: Cell | null): Figure {
  const ms = head?.metrics.timeToFirstToken ?? head?.milestones.firstText ?? null;
  const [value, unit] = split(duration(ms));
  const tip =
    ms === null ? 'Time to first token: no visible token yet' : 'First visible token minus start of the request';
  return { name: 'TTFT', value: value!, unit: unit ?? '', tip };
}

function rate(cell: LiveCell | null): Figure {
  const figure = { name: 'tok/s', value: dash, unit: '', tip: 'Visible tokens ÷ (last − first visible token)' };
  if (!cell) return figure;
  const { metrics, state } = cell.head;
  if (metrics.tokensPerSecond !== null) {
    const span = metrics.visibleSpan === null ? '' : ` ÷ ${(metrics.visibleSpan / 1000).toFixed(3)} s`;
    const tip = `${metrics.estimated ? '≈ ' : ''}${count(metrics.visibleTokens)} tokens${span}, first to last visible token`;
    return { ...figure, value: `${metrics.estimated ? '≈ ' : ''}${speed(metrics.tokensPerSecond)}`, tip };
  }
  if (state.kind === 'streaming') {
    const { first, last, length } = cell.arrivals;
    if (first === null || last === null || length < 2 || last - first < 200) return figure;
    return {
      ...figure,
      value: `≈ ${speed(((length - 1) * 1000) / (last - first))}`,
      tip: `${count(length)} events so far ÷ the time between first and last`,
    };
  }
  const started = metrics.timeToFirstToken !== null;
  return started
    ? { ...figure, value: 'n/a', tip: 'Not meaningful: stopped, broken off, or fewer than two tokens' }
    : figure;
}

function out(cell: LiveCell | null): Figure {
  const figure = { name: 'Out', value: dash, unit: '', tip: 'Tokens of the answer: visible + reasoning' };
  if (!cell) return figure;
  const { metrics, state } = cell.head;
  const value = outValue(metrics.visibleTokens, metrics.reasoningTokens, metrics.estimated);
  if (value !== dash) return { ...figure, value, unit: metrics.reasoningTokens ? '' : 'tok', tip: outTip(cell.head) };
  if (state.kind === 'streaming' && cell.arrivals.length > 0)
    return {
      ...figure,
      value: `≈ ${count(cell.arrivals.length)}`,
      unit: 'tok',
      tip: 'Events so far; the server has not counted tokens yet',
    };
  return figure;
}

function outTip(head: Cell): string {
  const { metrics } = head;
  const parts = [`${count(metrics.visibleTokens)} visible`];
  if (metrics.reasoningTokens !== null) parts.push(`${count(metrics.reasoningTokens)} reasoning`);
  if (metrics.inputTokens !== null)
    parts.push(
      `${count(metrics.inputTokens)} in${metrics.cachedTokens ? ` (${count(metrics.cachedTokens)} cached)` : ''}`,
    );
  return metrics.estimated
    ? `${parts.join(', ')}; counted by Juxta, because the server sent no usage`
    : parts.join(', ');
}

function cost(head: Cell | null): Figure {
  const known = head?.metrics.cost;
  const figure = { name: 'Cost', value: dash, unit: '', tip: 'Unknown: no price for this model, or no usage' };
  if (!known) return figure;
  const dated = known.priceDate ? `; price of ${known.priceDate}` : '';
  return {
    ...figure,
    value: `${known.estimated ? '≈ ' : ''}${money(known.amount, known.currency)}`,
    tip: `${known.formula}${dated}`,
  };
}

/** `428 ms` to figure and unit; clock forms stay whole. */
function split(text: string): [string, string?] {
  const match = /^([\d.,]+) (ms|s)$/.exec(text);
  return match ? [match[1]!, match[2]!] : [text];
}
