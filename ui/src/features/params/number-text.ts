// Stepping a number without changing how it is spelled: `0.20` and one step of 0.1 make `0.30`.
import type { ParameterKind } from '../../bindings/ParameterKind';

export type NumberKind = ParameterKind & { kind: 'number' | 'integer' };

export function isNumberKind(kind: ParameterKind): kind is NumberKind {
  return kind.kind === 'number' || kind.kind === 'integer';
}

/** A range with both ends gets a slider. */
export function bounds(kind: ParameterKind): { minimum: number; maximum: number } | null {
  if (!isNumberKind(kind) || kind.minimum === null || kind.maximum === null) return null;
  return { minimum: kind.minimum, maximum: kind.maximum };
}

/** What one arrow key adds. */
export function stepOf(kind: NumberKind): number {
  return kind.kind === 'integer' ? 1 : 0.1;
}

/** How finely the slider moves. */
export function sliderStep(kind: NumberKind): number {
  return kind.kind === 'integer' ? 1 : 0.01;
}

export interface StepKeys {
  shiftKey: boolean;
  altKey: boolean;
}

/** `json` after an arrow key; `null` when it is no number. Shift takes ten steps, Alt a tenth of one. */
export function stepped(json: string, kind: NumberKind, direction: 1 | -1, keys: StepKeys): string | null {
  const text = json.trim();
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) return null;
  const factor = keys.shiftKey ? 10 : keys.altKey && kind.kind === 'number' ? 0.1 : 1;
  const step = stepOf(kind) * factor;
  const digits = Math.max(fractionDigits(text), fractionDigits(String(Number(step.toFixed(6)))));
  return spelled(within(value + direction * step, value, kind), digits);
}

/** The slider's value, spelled with as few digits as it needs. */
export function fromSlider(value: number, kind: NumberKind): string {
  return kind.kind === 'integer' ? String(Math.round(value)) : String(Number(value.toFixed(2)));
}

/** Arrow keys stop at a documented end, unless the value is beyond it already: then the person wants it there. */
function within(value: number, before: number, { minimum, maximum }: NumberKind): number {
  if (maximum !== null && before <= maximum && value > maximum) return maximum;
  if (minimum !== null && before >= minimum && value < minimum) return minimum;
  return value;
}

function spelled(value: number, digits: number): string {
  const text = value.toFixed(Math.min(digits, 15));
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
}

function fractionDigits(text: string): number {
  if (/[eE]/.test(text)) return fractionDigits(Number(text).toFixed(15).replace(/0+$/, ''));
  return /\.(\d+)/.exec(text)?.[1]?.length ?? 0;
}
