/**
 * Colours code after its fence has closed, when the page has nothing better to do. Grammars load when first needed;
 * a language we have none for stays as it is.
 */
import type { HLJSApi, LanguageFn } from 'highlight.js';

const GRAMMARS: Readonly<Record<string, () => Promise<{ default: LanguageFn }>>> = {
  bash: () => import('highlight.js/lib/languages/bash'),
  c: () => import('highlight.js/lib/languages/c'),
  cpp: () => import('highlight.js/lib/languages/cpp'),
  csharp: () => import('highlight.js/lib/languages/csharp'),
  css: () => import('highlight.js/lib/languages/css'),
  diff: () => import('highlight.js/lib/languages/diff'),
  go: () => import('highlight.js/lib/languages/go'),
  java: () => import('highlight.js/lib/languages/java'),
  javascript: () => import('highlight.js/lib/languages/javascript'),
  json: () => import('highlight.js/lib/languages/json'),
  kotlin: () => import('highlight.js/lib/languages/kotlin'),
  php: () => import('highlight.js/lib/languages/php'),
  python: () => import('highlight.js/lib/languages/python'),
  ruby: () => import('highlight.js/lib/languages/ruby'),
  rust: () => import('highlight.js/lib/languages/rust'),
  sql: () => import('highlight.js/lib/languages/sql'),
  swift: () => import('highlight.js/lib/languages/swift'),
  typescript: () => import('highlight.js/lib/languages/typescript'),
  xml: () => import('highlight.js/lib/languages/xml'),
  yaml: () => import('highlight.js/lib/languages/yaml'),
};

const ALIASES: Readonly<Record<string, string>> = {
  sh: 'bash',
  shell: 'bash',
  zsh: 'bash',
  console: 'bash',
  'c++': 'cpp',
  cc: 'cpp',
  h: 'c',
  cs: 'csharp',
  golang: 'go',
  js: 'javascript',
  jsx: 'javascript',
  mjs: 'javascript',
  ts: 'typescript',
  tsx: 'typescript',
  jsonc: 'json',
  kt: 'kotlin',
  py: 'python',
  python3: 'python',
  rb: 'ruby',
  rs: 'rust',
  html: 'xml',
  svg: 'xml',
  yml: 'yaml',
  postgres: 'sql',
  toml: 'yaml',
};

/** Longest time that one slice of work may take, milliseconds. */
const SLICE = 8;

export function grammarOf(language: string): string | null {
  const name = language.toLowerCase();
  const grammar = ALIASES[name] ?? name;
  return grammar in GRAMMARS ? grammar : null;
}

let core: HLJSApi | null = null;
const loading = new Map<string, Promise<HLJSApi | null>>();

function load(grammar: string): Promise<HLJSApi | null> {
  let pending = loading.get(grammar);
  if (!pending) {
    pending = (async () => {
      try {
        core ??= (await import('highlight.js/lib/core')).default;
        core.registerLanguage(grammar, (await GRAMMARS[grammar]!()).default);
        return core;
      } catch (error) {
        console.warn(`no highlighting for ${grammar}`, error);
        return null;
      }
    })();
    loading.set(grammar, pending);
  }
  return pending;
}

/** The design knows four kinds of token in code: keyword, literal, comment, and the rest. */
const KINDS: Readonly<Record<string, string>> = {
  keyword: 'kw',
  built_in: 'kw',
  type: 'kw',
  'selector-tag': 'kw',
  name: 'kw',
  section: 'kw',
  string: 'st',
  regexp: 'st',
  subst: '',
  number: 'nu',
  literal: 'nu',
  symbol: 'nu',
  attr: 'at',
  attribute: 'at',
  comment: 'co',
  quote: 'co',
  meta: 'co',
  addition: 'ad',
  deletion: 'de',
};

export interface Run {
  kind: string;
  text: string;
}

/** Reads the highlighter's markup, which holds only `<span class="hljs-…">`, `</span>` and five entities. */
export function runsOf(markup: string): Run[] {
  const runs: Run[] = [];
  const open: string[] = [];
  const pieces = markup.matchAll(/<span class="([^"]*)">|<\/span>|[^<]+/g);
  for (const [piece, classes] of pieces) {
    if (classes !== undefined) {
      const scope = classes.split(' ')[0]!.replace(/^hljs-/, '');
      open.push(KINDS[scope] ?? open.at(-1) ?? '');
    } else if (piece === '</span>') open.pop();
    else {
      const kind = open.at(-1) ?? '';
      const text = piece.replace(/&(lt|gt|amp|quot|#x27);/g, (_, name: string) => ENTITY[name]!);
      const last = runs.at(-1);
      if (last && (last.kind === kind || /^\s*$/.test(text))) last.text += text;
      else runs.push({ kind, text });
    }
  }
  return runs;
}

const ENTITY: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', '#x27': "'" };

/** The runs of a whole text, or `null` when there is no grammar for its language. */
export async function highlightText(text: string, language: string): Promise<Run[] | null> {
  const grammar = grammarOf(language);
  const highlighter = grammar === null ? null : await load(grammar);
  if (grammar === null || !highlighter) return null;
  const runs = runsOf(highlighter.highlight(text, { language: grammar, ignoreIllegals: true }).value);
  return runs.map((run) => run.text).join('') === text ? runs : null;
}

const queue: HTMLElement[] = [];
let scheduled = false;

/** Puts a finished `code` element in line. */
export function highlightLater(element: HTMLElement): void {
  queue.push(element);
  schedule();
}

function schedule(): void {
  if (scheduled || queue.length === 0) return;
  scheduled = true;
  const idle = globalThis.requestIdleCallback as typeof requestIdleCallback | undefined;
  if (idle) idle(() => void slice(), { timeout: 500 });
  else setTimeout(() => void slice(), 30);
}

async function slice(): Promise<void> {
  const end = performance.now() + SLICE;
  while (queue.length > 0 && performance.now() < end) {
    const element = queue.shift()!;
    const grammar = grammarOf(element.dataset['language'] ?? '');
    if (!grammar || !element.isConnected) continue;
    const highlighter = core && loading.has(grammar) && core.getLanguage(grammar) ? core : await load(grammar);
    if (highlighter && element.isConnected) paint(element, highlighter, grammar);
  }
  scheduled = false;
  schedule();
}

function paint(element: HTMLElement, highlighter: HLJSApi, grammar: string): void {
  // A selection inside would be lost with its nodes.
  const selection = document.getSelection();
  if (selection && !selection.isCollapsed && selection.containsNode(element, true)) return;
  const text = element.textContent ?? '';
  const runs = runsOf(highlighter.highlight(text, { language: grammar, ignoreIllegals: true }).value);
  // What a person copies must be what was sent, whatever the highlighter did.
  if (runs.map((run) => run.text).join('') !== text) return;
  const content = document.createDocumentFragment();
  for (const run of runs) {
    if (run.kind === '') content.append(run.text);
    else {
      const span = document.createElement('span');
      span.className = run.kind;
      span.textContent = run.text;
      content.append(span);
    }
  }
  element.replaceChildren(content);
}
