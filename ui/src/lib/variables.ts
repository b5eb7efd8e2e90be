// `{{variables}}`, read the way the engine reads them: a name is letters, digits, `_`, `-` and `.`, and anything else
// between braces is ordinary text, so that JSON and code in a prompt need no escaping.
import type { EndpointKind } from '../bindings/EndpointKind';
import type { Message } from '../bindings/Message';
import { remember } from './remember';

export interface TemplatePiece {
  /** The stretch as typed, braces included. */
  text: string;
  /** The name, when the stretch is a variable. */
  variable: string | null;
}

const NAME = /^[\p{Alphabetic}\p{N}_.-]+$/u;

export function isVariableName(text: string): boolean {
  return NAME.test(text);
}

export function templatePieces(template: string): TemplatePiece[] {
  const pieces: TemplatePiece[] = [];
  let textFrom = 0;
  let at = 0;
  for (;;) {
    const open = template.indexOf('{{', at);
    if (open < 0) break;
    const close = template.indexOf('}}', open + 2);
    if (close < 0) break;
    const name = template.slice(open + 2, close).trim();
    if (!isVariableName(name)) {
      at = open + 1;
      continue;
    }
    if (open > textFrom) pieces.push({ text: template.slice(textFrom, open), variable: null });
    pieces.push({ text: template.slice(open, close + 2), variable: name });
    at = textFrom = close + 2;
  }
  if (textFrom < template.length) pieces.push({ text: template.slice(textFrom), variable: null });
  return pieces;
}

/** The text with one variable under another name; what stands between its braces beside the name stays. */
export function renamed(template: string, from: string, to: string): string {
  if (!template.includes('{{')) return template;
  return templatePieces(template)
    .map(({ text, variable }) => (variable === from ? text.replace(from, () => to) : text))
    .join('');
}

export const variableNames = remember((template: string): readonly string[] =>
  template.includes('{{')
    ? templatePieces(template).flatMap((piece) => (piece.variable === null ? [] : [piece.variable]))
    : NONE,
);
const NONE: readonly string[] = [];

/** Names in a message, in reading order, each once. A muted message is not sent and needs no values. */
export function namesInMessage(message: Message): string[] {
  if (message.muted) return [];
  const { content } = message;
  if (content.kind === 'text') return unique(variableNames(content.text));
  if (content.kind !== 'parts') return [];
  return unique(
    content.parts.flatMap((part) => {
      if (part.kind === 'text') return variableNames(part.text);
      if (part.kind === 'image' && !part.url.startsWith('data:')) return variableNames(part.url);
      if (part.kind === 'file') return [part.id, part.url].flatMap((said) => variableNames(said ?? ''));
      return [];
    }),
  );
}

/** Names in the text that a rule gives for a tool, where `{{arguments}}` is what the call was given. */
export function namesInRule(text: string): string[] {
  return variableNames(text).filter((name) => name !== 'arguments');
}

/** Names in the texts of a JSON value. What is no JSON yet has none. */
export const namesInJson = remember((json: string): readonly string[] => {
  if (!json.includes('{{')) return NONE;
  try {
    return unique(textsOf(JSON.parse(json)).flatMap(variableNames));
  } catch {
    return NONE;
  }
});

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/** Does the engine fill in variables in the texts of this parameter? */
export function isTemplateParameter(name: string, endpoint: EndpointKind, base: EndpointKind): boolean {
  if (name === 'args') return endpoint === 'generic';
  return name === 'instructions' && (endpoint === 'responses' || base === 'responses');
}

export function unique(names: Iterable<string>): string[] {
  return [...new Set(names)];
}
