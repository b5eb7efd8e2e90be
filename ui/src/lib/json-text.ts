// JSON as text. Values are kept the way they were spelled (`0.20` stays `0.20`), so nothing here goes through
// `JSON.parse` and back. Where a text is not JSON, the place is ours to name: engines word it differently.

export interface JsonFault {
  /** Offset in the text. */
  at: number;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  message: string;
}

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const NUMBER_AT = /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const WORD_AT = /[^\s,:[\]{}"]+/y;

export function isJsonNumber(text: string): boolean {
  return NUMBER.test(text);
}

/** `null` when `text` is one JSON value. */
export function findJsonFault(text: string): JsonFault | null {
  const scanner = new Scanner(text);
  try {
    scanner.space();
    if (scanner.done) scanner.fail('A value is missing');
    scanner.value(0);
    scanner.space();
    if (!scanner.done) scanner.fail('The value has ended, this is too much');
    return null;
  } catch (fault) {
    if (fault instanceof Fault) return { ...place(text, fault.at), message: fault.message };
    throw fault;
  }
}

export function isJson(text: string): boolean {
  return findJsonFault(text) === null;
}

/** `Line 2, column 5: A comma or } is missing`; on one line the line goes without saying. */
export function describeFault(fault: JsonFault, text: string): string {
  const where = text.includes('\n') ? `Line ${fault.line}, column ${fault.column}` : `Column ${fault.column}`;
  return `${where}: ${fault.message}`;
}

/** The JSON string of a text. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

/** The text of a JSON string; `null` when `json` is something else. */
export function unquote(json: string): string | null {
  const trimmed = json.trim();
  if (!trimmed.startsWith('"')) return null;
  try {
    const value: unknown = JSON.parse(trimmed);
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}

/** Reads `\n`, `\t` and the other escapes of JSON in what was typed on one line; without a backslash nothing changes. */
export function unescapeTyped(typed: string): string {
  if (!typed.includes('\\')) return typed;
  return unquote(`"${typed.replace(/\\[^]|"/g, (found) => (found === '"' ? '\\"' : found))}"`) ?? typed;
}

/** The texts of a JSON list of strings; `null` when `json` is something else. */
export function unquoteList(json: string): string[] | null {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : null;
  } catch {
    return null;
  }
}

export function quoteList(texts: string[]): string {
  return `[${texts.map(quote).join(',')}]`;
}

/** Lays JSON out over lines. Strings and numbers keep their spelling; a text that is not JSON comes back as it was. */
export function layOut(json: string, indent = '  '): string {
  if (!isJson(json)) return json;
  let out = '';
  let depth = 0;
  let at = 0;
  const line = (): string => '\n' + indent.repeat(depth);
  while (at < json.length) {
    const character = json.charAt(at);
    if (character === '"') {
      const end = endOfString(json, at);
      out += json.slice(at, end);
      at = end;
      continue;
    }
    at += 1;
    if (/\s/.test(character)) continue;
    if (character === '{' || character === '[') {
      const close = character === '{' ? '}' : ']';
      const rest = json.slice(at).match(/^\s*/)?.[0].length ?? 0;
      if (json.charAt(at + rest) === close) {
        out += character + close;
        at += rest + 1;
        continue;
      }
      depth += 1;
      out += character + line();
    } else if (character === '}' || character === ']') {
      depth -= 1;
      out += line() + character;
    } else if (character === ',') {
      out += ',' + line();
    } else if (character === ':') {
      out += ': ';
    } else {
      out += character;
    }
  }
  return out;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1;
  return at + 1;
}

function place(text: string, at: number): { at: number; line: number; column: number } {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return { at, line, column: at - before.lastIndexOf('\n') };
}

class Fault extends Error {
  constructor(
    readonly at: number,
    message: string,
  ) {
    super(message);
  }
}

/** Nesting deeper than this is refused before it can exhaust the stack. */
const DEEPEST = 500;

class Scanner {
  at = 0;
  constructor(readonly text: string) {}

  get done(): boolean {
    return this.at >= this.text.length;
  }

  fail(message: string, at = this.at): never {
    throw new Fault(at, message);
  }

  space(): void {
    while (!this.done && ' \t\n\r'.includes(this.text.charAt(this.at))) this.at += 1;
  }

  value(depth: number): void {
    if (depth > DEEPEST) this.fail('Nested too deeply');
    const character = this.text.charAt(this.at);
    if (character === '{') this.object(depth);
    else if (character === '[') this.list(depth);
    else if (character === '"') this.string();
    else this.plain();
  }

  private object(depth: number): void {
    this.at += 1;
    this.space();
    if (this.text.charAt(this.at) === '}') {
      this.at += 1;
      return;
    }
    for (;;) {
      this.space();
      if (this.text.charAt(this.at) !== '"') {
        this.fail(this.done ? 'The closing } is missing' : 'A name in double quotes is missing');
      }
      this.string();
      this.space();
      if (this.text.charAt(this.at) !== ':') this.fail('A colon is missing after the name');
      this.at += 1;
      this.space();
      if (this.done) this.fail('A value is missing');
      this.value(depth + 1);
      this.space();
      const next = this.text.charAt(this.at);
      if (next === '}') {
        this.at += 1;
        return;
      }
      if (next !== ',') this.fail(this.done ? 'The closing } is missing' : 'A comma or } is missing');
      this.at += 1;
    }
  }

  private list(depth: number): void {
    this.at += 1;
    this.space();
    if (this.text.charAt(this.at) === ']') {
      this.at += 1;
      return;
    }
    for (;;) {
      this.space();
      if (this.done) this.fail('The closing ] is missing');
      this.value(depth + 1);
      this.space();
      const next = this.text.charAt(this.at);
      if (next === ']') {
        this.at += 1;
        return;
      }
      if (next !== ',') this.fail(this.done ? 'The closing ] is missing' : 'A comma or ] is missing');
      this.at += 1;
    }
  }

  private string(): void {
    const start = this.at;
    this.at += 1;
    for (;;) {
      if (this.done) this.fail('The closing quote is missing', start);
      const character = this.text.charAt(this.at);
      if (character === '"') {
        this.at += 1;
        return;
      }
      if (character < ' ') this.fail('A line break or control character must be written as an escape');
      if (character !== '\\') {
        this.at += 1;
        continue;
      }
      const escape = this.text.slice(this.at, this.at + 6);
      if (/^\\["\\/bfnrt]/.test(escape)) this.at += 2;
      else if (/^\\u[0-9a-fA-F]{4}$/.test(escape)) this.at += 6;
      else this.fail('This escape does not exist');
    }
  }

  private plain(): void {
    WORD_AT.lastIndex = this.at;
    const word = WORD_AT.exec(this.text)?.[0] ?? '';
    if (word === 'true' || word === 'false' || word === 'null') {
      this.at += word.length;
      return;
    }
    if (/^[-+.\d]/.test(word)) {
      NUMBER_AT.lastIndex = this.at;
      const number = NUMBER_AT.exec(this.text)?.[0] ?? '';
      if (number.length === word.length) {
        this.at += word.length;
        return;
      }
      this.fail(numberAdvice(word), this.at + number.length);
    }
    this.fail(word === '' ? 'A value is missing' : 'Text needs double quotes');
  }
}

function numberAdvice(word: string): string {
  if (/^-?\.\d/.test(word)) return 'A number needs a digit before the point';
  if (/^-?\d+\.($|[eE])/.test(word)) return 'A number needs a digit after the point';
  if (/^-?0\d/.test(word)) return 'A number must not begin with 0';
  if (word.startsWith('+')) return 'A number must not begin with +';
  return 'This is not a number';
}
