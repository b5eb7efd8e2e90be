// What a body may hold, from the parameter table: names, values, ranges and docs, at the place where one writes.
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { syntaxTree } from '@codemirror/language';
import type { EditorState } from '@codemirror/state';
import type { Tooltip } from '@codemirror/view';
import type { ParameterKind } from '../bindings/ParameterKind';
import type { ParameterSpec } from '../bindings/ParameterSpec';
import type { ParameterTable } from '../bindings/ParameterTable';
import { quote, unquote } from '../lib/json-text';
import { rangeText } from '../state/comparison/check';

type SyntaxNode = ReturnType<ReturnType<typeof syntaxTree>['resolveInner']>;

const ROLES = ['developer', 'system', 'user', 'assistant', 'tool'];
const PART_KINDS = ['text', 'image_url', 'input_audio', 'file'];

function aboutSpec(spec: ParameterSpec): string {
  const deprecated = spec.deprecated === null ? '' : `\nDeprecated: ${spec.deprecated}`;
  return `${rangeText(spec.kind)}\n${spec.doc}${deprecated}`;
}

/** JSON texts that a value may be. */
function valuesOf(kind: ParameterKind): string[] {
  switch (kind.kind) {
    case 'boolean':
      return ['true', 'false', 'null'];
    case 'text':
      return [...kind.suggestions.map(quote), 'null'];
    case 'textList':
      return kind.suggestions.map((one) => `[${quote(one)}]`);
    case 'object':
    case 'objectList':
      return [kind.example, 'null'];
    case 'textOrObject':
      return [...kind.suggestions.map(quote), kind.example, 'null'];
    case 'number':
    case 'integer':
    case 'textOrList':
      return ['null'];
  }
}

/** What to write behind a name that was chosen. */
function start(kind: ParameterKind): string {
  switch (kind.kind) {
    case 'boolean':
      return 'true';
    case 'text':
      return '""';
    case 'textList':
    case 'textOrList':
    case 'objectList':
      return '[]';
    case 'object':
      return '{}';
    case 'number':
    case 'integer':
    case 'textOrObject':
      return '';
  }
}

const nameOf = (state: EditorState, property: SyntaxNode | null): string | null => {
  const name = property?.getChild('PropertyName');
  return name ? unquote(state.sliceDoc(name.from, name.to)) : null;
};

/** Names that lead to a node: `['messages', 'role']`, lists left out. */
function pathOf(state: EditorState, node: SyntaxNode | null): string[] {
  const path: string[] = [];
  for (let at = node; at; at = at.parent) {
    if (at.name === 'Property') path.unshift(nameOf(state, at) ?? '');
  }
  return path;
}

export function completeBody(context: CompletionContext, table: ParameterTable | null): CompletionResult | null {
  // Without a table the text is no body.
  if (table === null) return null;
  const { state } = context;
  const inner = syntaxTree(state).resolveInner(context.pos, -1);
  const word = context.matchBefore(/"?[\w.-]*/);
  const from = word?.from ?? context.pos;
  if (!context.explicit && (word === null || word.from === word.to)) return null;
  const before = state.sliceDoc(0, from).trimEnd().at(-1) ?? '';
  const rest = /^[\w.-]*"?/.exec(state.sliceDoc(context.pos, context.pos + 100))?.[0].length ?? 0;
  const to = context.pos + rest;
  const holder = before === ':' ? enclosing(inner, 'Property') : enclosing(inner, 'Object');

  if (before === ':') {
    const path = pathOf(state, holder);
    const options = valuesAt(path, table).map((label): Completion => ({ label, type: 'constant' }));
    return options.length > 0 ? { from, to, options, filter: true } : null;
  }
  if (before !== '{' && before !== ',') return null;
  const path = pathOf(state, holder);
  const taken = new Set(holder?.getChildren('Property').map((property) => nameOf(state, property)));
  const isNamed = /^\s*:/.test(state.sliceDoc(to, to + 10));
  const options = namesAt(path, table, isNamed).filter(({ displayLabel }) => !taken.has(displayLabel ?? ''));
  return options.length > 0 ? { from, to, options, filter: true } : null;
}

function enclosing(node: SyntaxNode, name: string): SyntaxNode | null {
  let at: SyntaxNode | null = node;
  while (at && at.name !== name) at = at.parent;
  return at;
}

function valuesAt(path: readonly string[], table: ParameterTable | null): string[] {
  if (path.length === 1) {
    const spec = table?.parameters.find(({ name }) => name === path[0]);
    return spec ? valuesOf(spec.kind) : [];
  }
  if (path[0] !== 'messages') return [];
  if (path.length === 2 && path[1] === 'role') return ROLES.map(quote);
  if (path.length === 3 && path[2] === 'type') return PART_KINDS.map(quote);
  return [];
}

function namesAt(path: readonly string[], table: ParameterTable | null, isNamed: boolean): Completion[] {
  const name = (label: string, value: string, detail = '', info = ''): Completion => ({
    label: quote(label),
    displayLabel: label,
    apply: isNamed ? quote(label) : `${quote(label)}: ${value}`,
    type: 'property',
    ...(detail ? { detail } : {}),
    ...(info ? { info } : {}),
  });
  if (path.length === 0) {
    const specs = table?.parameters ?? [];
    return [
      name('model', '""'),
      name('messages', '[]'),
      ...specs.map((spec) => name(spec.name, start(spec.kind), rangeText(spec.kind), aboutSpec(spec))),
    ];
  }
  if (path[0] !== 'messages') return [];
  if (path.length === 1) {
    return ['role', 'content', 'name', 'tool_calls', 'tool_call_id', 'refusal'].map((label) =>
      name(label, label === 'tool_calls' ? '[]' : '""'),
    );
  }
  if (path.length === 2 && path[1] === 'content') {
    return ['type', 'text', 'image_url'].map((label) => name(label, label === 'image_url' ? '{}' : '""'));
  }
  return [];
}

/** Type, range and doc of the parameter under the pointer. */
export function aboutKey(state: EditorState, at: number, table: ParameterTable | null): Tooltip | null {
  const node = syntaxTree(state).resolveInner(at, 1);
  if (node.name !== 'PropertyName') return null;
  const path = pathOf(state, node);
  const spec = path.length === 1 ? table?.parameters.find(({ name }) => name === path[0]) : undefined;
  if (!spec) return null;
  return {
    pos: node.from,
    end: node.to,
    create: () => {
      const dom = document.createElement('div');
      dom.className = 'cm-about';
      dom.textContent = aboutSpec(spec);
      return { dom };
    },
  };
}
