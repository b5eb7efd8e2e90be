// Checking a value against its entry in the table, in the words that stand under the control. It warns and never
// forbids, because servers change. The twin of the check that the engine and the sandbox use.
import type { ParameterKind } from '../../bindings/ParameterKind';
import { describeFault, findJsonFault, isJsonNumber } from '../../lib/json-text';

const DIGITS = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 20 });

export function limitText(value: number): string {
  return value < 0 ? `−${DIGITS.format(-value)}` : DIGITS.format(value);
}

/** `1 to 16,384`, `At least 1`, `At most 2`, or what kind of value it is. */
export function rangeText(kind: ParameterKind): string {
  if (kind.kind === 'number' || kind.kind === 'integer') {
    const { minimum, maximum } = kind;
    if (minimum !== null && maximum !== null) return `${limitText(minimum)} to ${limitText(maximum)}`;
    if (minimum !== null) return `At least ${limitText(minimum)}`;
    if (maximum !== null) return `At most ${limitText(maximum)}`;
    return kind.kind === 'integer' ? 'Integer' : 'Number';
  }
  return KIND_WORDS[kind.kind](kind);
}

type OtherKind = Exclude<ParameterKind['kind'], 'number' | 'integer'>;

const KIND_WORDS: Record<OtherKind, (kind: ParameterKind) => string> = {
  boolean: () => 'true or false',
  text: () => 'Text',
  textOrList: (kind) => ('maximumItems' in kind ? `Text, or a list of up to ${kind.maximumItems}` : 'Text, or a list'),
  textList: () => 'List of texts',
  object: () => 'JSON object',
  objectList: (kind) =>
    'maximumItems' in kind && kind.maximumItems !== null
      ? `List of up to ${kind.maximumItems} JSON objects`
      : 'List of JSON objects',
  textOrObject: () => 'Text or JSON object',
};

/** What does not fit, or `null`. `null` as a value always fits: it is the person's own choice to send it. */
export function checkValue(kind: ParameterKind | null, json: string): string | null {
  const fault = findJsonFault(json);
  if (fault) return `Not JSON, so nothing can be sent. ${describeFault(fault, json)}`;
  const text = json.trim();
  if (kind === null || text === 'null') return null;
  if (kind.kind === 'number' || kind.kind === 'integer') return checkNumber(kind, text);
  return fits(kind, JSON.parse(text) as unknown);
}

function checkNumber(kind: ParameterKind & { kind: 'number' | 'integer' }, text: string): string | null {
  if (!isJsonNumber(text)) return kind.kind === 'integer' ? 'Documented as an integer' : 'Documented as a number';
  if (kind.kind === 'integer' && !/^-?\d+$/.test(text)) return 'Documented as an integer';
  const value = Number(text);
  if (kind.minimum !== null && value < kind.minimum) return `Documented as at least ${limitText(kind.minimum)}`;
  if (kind.maximum !== null && value > kind.maximum) return `Documented as at most ${limitText(kind.maximum)}`;
  return null;
}

function fits(kind: ParameterKind & { kind: OtherKind }, value: unknown): string | null {
  const isText = typeof value === 'string';
  const isList = Array.isArray(value);
  const isObject = typeof value === 'object' && value !== null && !isList;
  switch (kind.kind) {
    case 'boolean':
      return typeof value === 'boolean' ? null : 'Documented as true or false';
    case 'text':
      return isText ? null : 'Documented as text';
    case 'textOrList':
      if (isText) return null;
      if (!isList || value.some((item) => typeof item !== 'string')) return 'Documented as text or a list of texts';
      return tooLong(value.length, kind.maximumItems);
    case 'textList':
      return isList && value.every((item) => typeof item === 'string') ? null : 'Documented as a list of texts';
    case 'object':
      return isObject ? null : 'Documented as a JSON object';
    case 'objectList':
      if (!isList || value.some((item) => typeof item !== 'object' || item === null || Array.isArray(item))) {
        return 'Documented as a list of JSON objects';
      }
      return tooLong(value.length, kind.maximumItems);
    case 'textOrObject':
      return isText || isObject ? null : 'Documented as text or a JSON object';
  }
}

function tooLong(length: number, maximum: number | null): string | null {
  return maximum !== null && length > maximum ? `Documented as at most ${maximum} items, these are ${length}` : null;
}

// A server's own words stay visible in its lane; under the control stands the limit they name.
const SERVER_WORDS: [RegExp, (limit: string) => string][] = [
  [/less than or equal to (-?[\d.]+)/i, (limit) => `The server allows at most ${limit}`],
  [/greater than or equal to (-?[\d.]+)/i, (limit) => `The server allows at least ${limit}`],
  [/less than (-?[\d.]+)/i, (limit) => `The server allows only less than ${limit}`],
  [/greater than (-?[\d.]+)/i, (limit) => `The server allows only more than ${limit}`],
  [/at most (\d+) items/i, (limit) => `The server allows at most ${limit} items`],
];

export function serverWords(message: string): string {
  for (const [pattern, words] of SERVER_WORDS) {
    const limit = pattern.exec(message)?.[1];
    if (limit !== undefined) return words(limit);
  }
  return `The server says: ${message}`;
}
