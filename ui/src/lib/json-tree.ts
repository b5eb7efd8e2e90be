// Where everything in a JSON text stands. The tree holds places and no values, so that what is written from it is
// spelled as it was.
import { findJsonFault } from './json-text';

export type JsonNode = JsonObject | JsonList | JsonScalar;

interface Placed {
  /** Offsets in the text. */
  start: number;
  end: number;
}

export interface JsonMember extends Placed {
  name: string;
  /** Where the name ends, with its quote. */
  nameEnd: number;
  value: JsonNode;
}

export interface JsonObject extends Placed {
  kind: 'object';
  members: JsonMember[];
}

export interface JsonList extends Placed {
  kind: 'list';
  items: JsonNode[];
}

export interface JsonScalar extends Placed {
  kind: 'text' | 'number' | 'boolean' | 'null';
}

/** `null` when the text is not JSON. */
export function readTree(text: string): JsonNode | null {
  return findJsonFault(text) ? null : new Reader(text).value();
}

/** The member of that name that counts: of two of one name every reader takes the last. */
export function memberOf(node: JsonNode | null | undefined, name: string): JsonMember | null {
  if (node?.kind !== 'object') return null;
  return node.members.findLast((member) => member.name === name) ?? null;
}

/** Members without those that a later one of the same name hides. */
export function livingMembers(node: JsonObject): JsonMember[] {
  const last = new Map(node.members.map((member) => [member.name, member]));
  return last.size === node.members.length ? node.members : [...last.values()].sort((a, b) => a.start - b.start);
}

export function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export function pointerTo(parent: string, step: string | number): string {
  return `${parent}/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The value at a JSON pointer. */
export function nodeAt(root: JsonNode | null, pointer: string): JsonNode | null {
  let node = root;
  for (const step of stepsOf(pointer)) {
    if (node?.kind === 'object') node = memberOf(node, step)?.value ?? null;
    else if (node?.kind === 'list' && /^(0|[1-9]\d*)$/.test(step)) node = node.items[Number(step)] ?? null;
    else return null;
  }
  return node;
}

/** What a JSON string says. */
export function textAt(text: string, node: JsonNode | null | undefined): string | null {
  return node?.kind === 'text' ? (JSON.parse(text.slice(node.start, node.end)) as string) : null;
}

const WORD = /[^\s,\]}]+/y;

/** Reads a text of which it is known that it is JSON. */
class Reader {
  #at = 0;
  constructor(readonly text: string) {}

  value(): JsonNode {
    this.#space();
    const start = this.#at;
    switch (this.text.charAt(start)) {
      case '{':
        return this.#object(start);
      case '[':
        return this.#list(start);
      case '"':
        this.#string();
        return { kind: 'text', start, end: this.#at };
      default:
        return this.#plain(start);
    }
  }

  #object(start: number): JsonObject {
    const members: JsonMember[] = [];
    this.#at += 1;
    this.#space();
    while (this.text.charAt(this.#at) !== '}') {
      const from = this.#at;
      this.#string();
      const nameEnd = this.#at;
      this.#space();
      this.#at += 1;
      const value = this.value();
      const name = JSON.parse(this.text.slice(from, nameEnd)) as string;
      members.push({ name, start: from, nameEnd, value, end: value.end });
      this.#next();
    }
    this.#at += 1;
    return { kind: 'object', start, end: this.#at, members };
  }

  #list(start: number): JsonList {
    const items: JsonNode[] = [];
    this.#at += 1;
    this.#space();
    while (this.text.charAt(this.#at) !== ']') {
      items.push(this.value());
      this.#next();
    }
    this.#at += 1;
    return { kind: 'list', start, end: this.#at, items };
  }

  #next(): void {
    this.#space();
    if (this.text.charAt(this.#at) !== ',') return;
    this.#at += 1;
    this.#space();
  }

  #plain(start: number): JsonScalar {
    WORD.lastIndex = start;
    const word = WORD.exec(this.text)?.[0] ?? '';
    this.#at = start + word.length;
    const kind = word === 'null' ? 'null' : word === 'true' || word === 'false' ? 'boolean' : 'number';
    return { kind, start, end: this.#at };
  }

  #string(): void {
    this.#at += 1;
    while (this.text.charAt(this.#at) !== '"') this.#at += this.text.charAt(this.#at) === '\\' ? 2 : 1;
    this.#at += 1;
  }

  #space(): void {
    while (' \t\n\r'.includes(this.text.charAt(this.#at)) && this.#at < this.text.length) this.#at += 1;
  }
}
