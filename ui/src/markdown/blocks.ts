/**
 * Cuts Markdown into blocks while it streams, line by line, without parsing what is inside them.
 *
 * A block in `closed` never changes again, so it is rendered once. Only the open block is parsed anew each frame, and
 * every kind of block is closed at some size, so that this stays cheap: lists at an item, tables at a row, code at a
 * line, paragraphs at a space. Where the cuts fall depends on the text alone, never on how it arrived.
 */

/** Where the text of a block stands in the whole, in UTF-16 units; marks around it, such as fences, may be left out. */
interface Place {
  start: number;
  end: number;
}

export type Block = Place &
  (
    | {
        kind: 'markdown';
        text: string;
        /** A piece of something longer, drawn without a gap above. */ continues: boolean;
      }
    | { kind: 'code'; text: string; language: string; first: boolean; last: boolean }
    | { kind: 'plain'; text: string }
    | { kind: 'json'; text: string }
  );

/** What both the Markdown and the plain text view draw from. */
export interface BlockSource {
  readonly closed: readonly Block[];
  feed(text: string): void;
  /** No more text will come. */
  finish(): void;
  /** What has no end yet. */
  open(): Block | null;
}

/** Closed at the next good place above this size. */
export const SOFT_LIMIT = 2_000;
/** Closed at any place above this size. */
export const HARD_LIMIT = 4_000;

type State = 'none' | 'paragraph' | 'list' | 'quote' | 'table' | 'indented' | 'fence';

interface Fence {
  mark: string;
  indent: number;
  language: string;
}

const FENCE = /^( *)(`{3,}|~{3,})[ \t]*([^\n]*)$/;
const HEADING = /^ {0,3}#{1,6}(?:[ \t]|$)/;
const RULE = /^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const ITEM = /^( *)([-*+]|\d{1,9}[.)])(?:[ \t]+|$)/;
const QUOTE = /^ {0,3}>/;
const INDENTED = /^(?: {4}|\t)/;
const SETEXT = /^ {0,3}(?:=+|-+)[ \t]*$/;
const DELIMITER_ROW = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const BLANK = /^[ \t]*$/;

export class MarkdownBlocks implements BlockSource {
  readonly closed: Block[] = [];
  #state: State = 'none';
  #text = '';
  #lines = 0;
  #partial = '';
  #fence: Fence | null = null;
  #firstPiece = true;
  #continues = false;
  #tableHead = '';
  #afterBlank = false;
  #itemIndent = 0;
  /** Columns to take off lines that belong to a list item which was cut in the middle. */
  #dedent = 0;
  /** Where the unfinished line begins in the whole text. */
  #at = 0;
  /** The line in hand, with its end mark. */
  #lineStart = 0;
  #lineEnd = 0;
  /** What the open block has taken; −1 before its first line. */
  #start = -1;
  #end = 0;

  feed(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      const line = this.#partial + text.slice(start, end);
      this.#partial = '';
      this.#pushLine(line, 1);
      start = end + 1;
    }
    this.#partial += start === 0 ? text : text.slice(start);
    // A carriage return at the very end may be half of a line end.
    while (this.#partial.length - (this.#partial.endsWith('\r') ? 1 : 0) > HARD_LIMIT + 1)
      this.#partial = this.#cutLongLine(this.#partial);
  }

  finish(): void {
    const rest = this.#partial;
    this.#partial = '';
    if (rest !== '') this.#pushLine(rest, 0);
    this.#close(true);
  }

  open(): Block | null {
    const place = { start: this.#start < 0 ? this.#at : this.#start, end: this.#at + this.#partial.length };
    if (this.#state === 'fence') {
      const hidden = this.#isFencePrefix(this.#partial);
      const text = hidden ? this.#text : this.#text + stripIndent(this.#partial, this.#fence!.indent);
      return { kind: 'code', text, language: this.#fence!.language, first: this.#firstPiece, last: false, ...place };
    }
    const partial = this.#dedent > 0 ? stripIndent(this.#partial, this.#dedent) : this.#partial;
    const text = this.#tableHead + this.#text + partial;
    return BLANK.test(text) ? null : { kind: 'markdown', text, continues: this.#continues, ...place };
  }

  /** `mark`: units of the line end that is not part of `line`; a carriage return may be. */
  #pushLine(line: string, mark: number): void {
    const returned = line.endsWith('\r');
    let rest = returned ? line.slice(0, -1) : line;
    while (rest.length > HARD_LIMIT + 1) rest = this.#cutLongLine(rest);
    this.#take(rest.length + (returned ? 1 : 0) + mark);
    this.#line(rest);
  }

  /** So many units of the text are the line in hand. */
  #take(units: number): void {
    this.#lineStart = this.#at;
    this.#at += units;
    this.#lineEnd = this.#at;
  }

  /** Takes the first `HARD_LIMIT` characters of a line as a line of their own and returns what is left. */
  #cutLongLine(line: string): string {
    const space = line.lastIndexOf(' ', HARD_LIMIT - 1) + 1;
    let cut = space > SOFT_LIMIT ? space : HARD_LIMIT;
    const last = line.charCodeAt(cut - 1);
    if (last >= 0xd800 && last <= 0xdbff) cut -= 1;
    const inCode = this.#state === 'fence' || this.#state === 'indented';
    this.#take(cut);
    this.#line(line.slice(0, cut));
    if (!inCode && this.#state === 'paragraph') {
      this.#close(true);
      this.#continues = true;
    }
    return line.slice(cut);
  }

  #line(raw: string): void {
    let line = raw;
    if (this.#dedent > 0 && !BLANK.test(line)) {
      if (indentOf(line) >= this.#dedent) line = line.slice(this.#dedent);
      else this.#dedent = 0;
    }
    switch (this.#state) {
      case 'none':
        return this.#begin(line);
      case 'fence':
        return this.#codeLine(line);
      case 'paragraph':
        return this.#paragraphLine(line);
      case 'list':
        return this.#listLine(line);
      case 'quote':
        if (BLANK.test(line)) return this.#close(true);
        if (!QUOTE.test(line) && startsBlock(line)) return this.#reopen(line);
        this.#push(line);
        if (this.#text.length > HARD_LIMIT || (this.#text.length > SOFT_LIMIT && /^ {0,3}> *$/.test(line)))
          this.#close(true);
        return;
      case 'table':
        if (BLANK.test(line)) return this.#close(true);
        if (startsBlock(line)) return this.#reopen(line);
        this.#push(line);
        if (this.#text.length > SOFT_LIMIT) this.#splitTable();
        return;
      case 'indented':
        if (!BLANK.test(line) && !INDENTED.test(line)) return this.#reopen(line);
        this.#push(line);
        if (this.#text.length > HARD_LIMIT) {
          this.#close(true);
          this.#continues = true;
        }
        return;
    }
  }

  #begin(line: string): void {
    if (BLANK.test(line)) {
      this.#continues = false;
      return;
    }
    const fence = FENCE.exec(line);
    if (fence && fence[1]!.length <= 3 && !(fence[2]![0] === '`' && fence[3]!.includes('`'))) {
      this.#state = 'fence';
      this.#fence = { mark: fence[2]!, indent: fence[1]!.length, language: fence[3]!.trim().split(/\s/)[0] ?? '' };
      this.#firstPiece = true;
      this.#continues = false;
      return;
    }
    this.#push(line);
    if (HEADING.test(line) || RULE.test(line)) return this.#close(true);
    const item = ITEM.exec(line);
    if (INDENTED.test(line)) this.#state = 'indented';
    else if (item) {
      this.#state = 'list';
      this.#itemIndent = item[1]!.length;
      this.#afterBlank = false;
    } else this.#state = QUOTE.test(line) ? 'quote' : 'paragraph';
  }

  #paragraphLine(line: string): void {
    if (BLANK.test(line)) return this.#close(true);
    if (
      this.#lines === 1 &&
      DELIMITER_ROW.test(line) &&
      cells(this.#text) === cells(line) &&
      (line.includes('|') || this.#text.includes('|'))
    ) {
      this.#push(line);
      this.#state = 'table';
      return;
    }
    if (SETEXT.test(line)) {
      this.#push(line);
      return this.#close(true);
    }
    const item = ITEM.exec(line);
    const interrupts =
      item &&
      item[1]!.length <= 3 &&
      item[0].length < line.length &&
      (/[-*+]/.test(item[2]!) || /^1[.)]/.test(item[2]!));
    if (startsBlock(line) || interrupts) return this.#reopen(line);
    this.#push(line);
    if (this.#text.length > HARD_LIMIT) {
      this.#close(true);
      this.#continues = true;
    }
  }

  #listLine(line: string): void {
    if (this.#fence) return this.#nestedCodeLine(line);
    if (BLANK.test(line)) {
      this.#afterBlank = true;
      return this.#push('');
    }
    const item = ITEM.exec(line);
    const isItem = item !== null && !RULE.test(line);
    if (isItem && item[1]!.length <= this.#itemIndent + 1) {
      if (this.#text.length > SOFT_LIMIT) {
        const blankBefore = this.#afterBlank;
        this.#reopen(line);
        this.#continues = !blankBefore;
        return;
      }
    } else if (!isItem && indentOf(line) < 2) {
      if (this.#afterBlank || startsBlock(line)) return this.#reopen(line);
    }
    const fence = FENCE.exec(line);
    if (fence && fence[1]!.length >= 2) {
      this.#fence = { mark: fence[2]!, indent: fence[1]!.length, language: fence[3]!.trim().split(/\s/)[0] ?? '' };
    }
    this.#afterBlank = false;
    this.#push(line);
    if (this.#text.length > HARD_LIMIT && !this.#fence) {
      const indent = this.#itemIndent + 2;
      this.#close(true);
      this.#dedent = indent;
      this.#continues = true;
    }
  }

  /** Code inside a list item. When it grows long it leaves the list and goes on as a block of its own. */
  #nestedCodeLine(line: string): void {
    const fence = this.#fence!;
    this.#push(line);
    if (closesFence(line, fence)) {
      this.#fence = null;
      return;
    }
    if (this.#text.length <= HARD_LIMIT) return;
    this.#close(true);
    this.#state = 'fence';
    this.#fence = fence;
    this.#firstPiece = false;
  }

  #codeLine(line: string): void {
    const fence = this.#fence!;
    if (closesFence(line, fence)) return this.#close(true);
    this.#push(stripIndent(line, fence.indent));
    if (this.#text.length <= HARD_LIMIT) return;
    this.#close(false);
    this.#state = 'fence';
    this.#fence = fence;
    this.#firstPiece = false;
  }

  #splitTable(): void {
    const head = this.#tableHead || this.#text.split('\n', 2).join('\n') + '\n';
    this.#close(true);
    this.#state = 'table';
    this.#tableHead = head;
    this.#continues = true;
  }

  #push(line: string): void {
    if (this.#start < 0) this.#start = this.#lineStart;
    this.#end = this.#lineEnd;
    this.#text += line + '\n';
    this.#lines += 1;
  }

  #reopen(line: string): void {
    this.#close(true);
    this.#begin(line);
  }

  #close(last: boolean): void {
    const place = {
      start: this.#start < 0 ? this.#lineStart : this.#start,
      end: this.#start < 0 ? this.#lineStart : this.#end,
    };
    this.#start = -1;
    if (this.#state === 'fence') {
      const { language } = this.#fence!;
      this.closed.push({ kind: 'code', text: this.#text, language, first: this.#firstPiece, last, ...place });
    } else if (!BLANK.test(this.#text)) {
      const text = this.#tableHead + this.#text.trimEnd();
      if (text.trim() !== '') this.closed.push({ kind: 'markdown', text, continues: this.#continues, ...place });
    }
    this.#state = 'none';
    this.#text = '';
    this.#lines = 0;
    this.#tableHead = '';
    this.#fence = null;
    this.#continues = false;
    this.#afterBlank = false;
  }

  #isFencePrefix(partial: string): boolean {
    const text = partial.trim();
    return text !== '' && this.#fence!.mark.startsWith(text) && indentOf(partial) <= 3;
  }
}

/** The same for a view without Markdown: lines, in blocks of about the same size. JSON on one line is cut at a comma. */
export class PlainBlocks implements BlockSource {
  readonly closed: Block[] = [];
  #text = '';
  /** Where `#text` begins in the whole. */
  #at = 0;

  constructor(private readonly kind: 'plain' | 'json' = 'plain') {}

  feed(text: string): void {
    this.#text += text;
    while (this.#text.length > HARD_LIMIT) {
      const line = this.#text.indexOf('\n', SOFT_LIMIT);
      let cut = line >= 0 && line < HARD_LIMIT ? line + 1 : HARD_LIMIT;
      const comma = this.kind === 'json' && cut === HARD_LIMIT ? this.#text.lastIndexOf(',', HARD_LIMIT - 1) : -1;
      if (comma >= SOFT_LIMIT) cut = comma + 1;
      const last = this.#text.charCodeAt(cut - 1);
      if (last >= 0xd800 && last <= 0xdbff) cut -= 1;
      this.#close(cut);
    }
  }

  finish(): void {
    if (this.#text !== '') this.#close(this.#text.length);
  }

  open(): Block | null {
    return this.#text === '' ? null : this.#block(this.#text.length);
  }

  #close(cut: number): void {
    this.closed.push(this.#block(cut));
    this.#text = this.#text.slice(cut);
    this.#at += cut;
  }

  #block(cut: number): Block {
    return { kind: this.kind, text: this.#text.slice(0, cut), start: this.#at, end: this.#at + cut };
  }
}

function startsBlock(line: string): boolean {
  const fence = FENCE.exec(line);
  if (fence && fence[1]!.length <= 3 && !(fence[2]![0] === '`' && fence[3]!.includes('`'))) return true;
  return HEADING.test(line) || RULE.test(line) || QUOTE.test(line);
}

function closesFence(line: string, fence: Fence): boolean {
  const text = line.trim();
  return text.length >= fence.mark.length && text[0] === fence.mark[0] && text === text[0]!.repeat(text.length);
}

function indentOf(line: string): number {
  let indent = 0;
  while (line[indent] === ' ') indent += 1;
  return line[indent] === '\t' ? indent + 4 : indent;
}

function stripIndent(line: string, indent: number): string {
  let cut = 0;
  while (cut < indent && line[cut] === ' ') cut += 1;
  return cut === 0 ? line : line.slice(cut);
}

/** Columns of a table row. */
function cells(row: string): number {
  const text = row.trim().replace(/\\\||`[^`]*`/g, '');
  const inner = text.replace(/^\|/, '').replace(/\|$/, '');
  return inner.split('|').length;
}
