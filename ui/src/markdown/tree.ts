/**
 * Markdown to a small tree of allowed elements.
 *
 * Safe by construction: no HTML string is ever parsed, elements come from the table of tags below and attributes from
 * this file alone. Raw HTML in an answer is text. A link carries its address in `data-href` and goes nowhere by itself;
 * a remote image is a chip with its address and loads nothing.
 */
import { Marked, type Token, type Tokens } from 'marked';

export interface Branch {
  tag: string;
  attributes: Readonly<Record<string, string>>;
  children: readonly Tree[];
}
export type Tree = string | Branch;

const NONE: Readonly<Record<string, string>> = {};

const markdown = new Marked({
  gfm: true,
  // A line end of the model is a line end on screen.
  breaks: true,
  tokenizer: {
    html: () => undefined,
    tag: () => undefined,
    def: () => undefined,
  },
});

export function parse(source: string): Tree[] {
  return blocks(markdown.lexer(source));
}

function branch(tag: string, children: readonly Tree[], attributes = NONE): Branch {
  return { tag, attributes, children };
}

function blocks(tokens: readonly Token[]): Tree[] {
  const out: Tree[] = [];
  for (const token of tokens) {
    const tree = block(token);
    if (tree !== null) out.push(tree);
  }
  return out;
}

function block(token: Token): Tree | null {
  switch (token.type) {
    case 'space':
      return null;
    case 'paragraph':
      return branch('p', inline(token.tokens));
    case 'heading':
      // Under the lane's own headings, so that the outline of the page stays true.
      return branch('p', inline(token.tokens), {
        class: 'heading',
        role: 'heading',
        'aria-level': String(Math.min(6, token.depth + 2)),
      });
    case 'hr':
      return branch('hr', []);
    case 'code':
      return code((token as Tokens.Code).text, (token as Tokens.Code).lang ?? '');
    case 'blockquote':
      return branch('blockquote', blocks(token.tokens ?? []));
    case 'list':
      return list(token as Tokens.List);
    case 'table':
      return table(token as Tokens.Table);
    case 'checkbox':
      return branch('input', [], checkbox((token as Tokens.Checkbox).checked));
    case 'text':
      return token.tokens ? branch('span', inline(token.tokens)) : decode(token.text);
    default:
      return branch('p', [token.raw]);
  }
}

export function code(text: string, language: string): Branch {
  const name = language.split(/\s/)[0] ?? '';
  // Its lines are not folded, so the keyboard has to reach it to scroll it.
  return branch('pre', [branch('code', [text], name ? { 'data-language': name } : NONE)], { tabindex: '0' });
}

/** JSON that is the whole answer: folded like prose, so that nothing of it is out of sight. */
export function json(text: string): Branch {
  return branch('pre', [branch('code', [text], { 'data-language': 'json' })]);
}

function checkbox(checked: boolean): Record<string, string> {
  const attributes = { type: 'checkbox', disabled: '', 'aria-label': checked ? 'Done' : 'Open' };
  return checked ? { ...attributes, checked: '' } : attributes;
}

function list(token: Tokens.List): Branch {
  const items = token.items.map((item) => branch('li', blocks(item.tokens)));
  if (!token.ordered) return branch('ul', items);
  return branch('ol', items, token.start !== 1 && token.start !== '' ? { start: String(token.start) } : NONE);
}

function table(token: Tokens.Table): Branch {
  const cell = (tag: string, entry: Tokens.TableCell): Branch =>
    branch(
      tag,
      inline(entry.tokens),
      entry.align === 'right' || entry.align === 'center' ? { class: entry.align } : NONE,
    );
  const head = branch(
    'tr',
    token.header.map((entry) => cell('th', entry)),
  );
  const rows = token.rows.map((row) =>
    branch(
      'tr',
      row.map((entry) => cell('td', entry)),
    ),
  );
  return branch('div', [branch('table', [branch('thead', [head]), branch('tbody', rows)])], { class: 'table' });
}

function inline(tokens: readonly Token[] | undefined): Tree[] {
  const out: Tree[] = [];
  for (const token of tokens ?? []) add(out, inlineToken(token));
  return out;
}

/** Neighbouring texts become one, so that they make one text node. */
function add(out: Tree[], tree: Tree): void {
  const last = out.length - 1;
  if (typeof tree === 'string' && typeof out[last] === 'string') out[last] = (out[last] as string) + tree;
  else out.push(tree);
}

function inlineToken(token: Token): Tree {
  switch (token.type) {
    case 'text':
      return token.tokens ? branch('span', inline(token.tokens)) : decode(token.text);
    case 'escape':
      return token.text;
    case 'strong':
    case 'em':
    case 'del':
      return branch(token.type, inline(token.tokens));
    case 'codespan':
      return branch('code', [token.text]);
    case 'br':
      return branch('br', []);
    case 'link':
      return link(token as Tokens.Link);
    case 'image':
      return image(token as Tokens.Image);
    case 'checkbox':
      return branch('input', [], checkbox((token as Tokens.Checkbox).checked));
    default:
      return token.raw;
  }
}

const OPENABLE = /^(?:https?:|mailto:)/i;
const SMALL_IMAGE = /^data:image\/(?:png|jpeg|webp|gif);base64,[a-z0-9+/=\s]+$/i;

function link(token: Tokens.Link): Tree {
  if (!OPENABLE.test(token.href)) return branch('span', inline(token.tokens));
  return branch('span', inline(token.tokens), { class: 'link', role: 'link', tabindex: '0', 'data-href': token.href });
}

function image(token: Tokens.Image): Tree {
  const words = token.text || 'Image';
  if (SMALL_IMAGE.test(token.href)) return branch('img', [], { src: token.href, alt: words });
  if (!OPENABLE.test(token.href)) return `${words} (${token.href.slice(0, 80)})`;
  return branch('span', [`${words}, ${token.href}`], {
    class: 'remote-image',
    role: 'link',
    tabindex: '0',
    'data-href': token.href,
  });
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  copy: '©',
  reg: '®',
  trade: '™',
  hellip: '…',
  ndash: '–',
  mdash: '—',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  laquo: '«',
  raquo: '»',
  bull: '•',
  middot: '·',
  times: '×',
  divide: '÷',
  plusmn: '±',
  deg: '°',
  euro: '€',
  pound: '£',
  yen: '¥',
  sect: '§',
  para: '¶',
  larr: '←',
  rarr: '→',
  uarr: '↑',
  darr: '↓',
  le: '≤',
  ge: '≥',
  ne: '≠',
  infin: '∞',
  micro: 'µ',
  frac12: '½',
};

/** Character references, which Markdown allows in text; unknown ones stay as they were written. */
function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z][a-z\d]{1,31}));/gi, (whole, decimal, hex, name) => {
    if (name) return ENTITIES[name as string] ?? whole;
    const point = decimal ? Number(decimal) : parseInt(hex as string, 16);
    return point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff)
      ? String.fromCodePoint(point)
      : '\ufffd';
  });
}
