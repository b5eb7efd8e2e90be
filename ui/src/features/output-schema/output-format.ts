// The form of an answer, in the words of an endpoint: `response_format` of a chat nests name and schema, `text.format`
// of responses has them flat.
import type { EndpointKind } from '../../bindings/EndpointKind';
import { removeItem, setMember, withMarginOf } from '../../lib/json-edit';
import { sliceAt } from '../../lib/json-slice';
import { isJson, layOut, unquote } from '../../lib/json-text';

/** The mode `other` is a type that is not known here; it is sent as it stands. */
export type OutputMode = 'none' | 'text' | 'json_object' | 'json_schema' | 'other';

interface Words {
  parameter: string;
  /** Where the format stands in the parameter. */
  format: string;
  /** Where name and schema stand in the format. */
  inner: string;
}

const WORDS: Partial<Record<EndpointKind, Words>> = {
  chat: { parameter: 'response_format', format: '', inner: '/json_schema' },
  responses: { parameter: 'text', format: '/format', inner: '' },
};

export function wordsOf(endpoint: EndpointKind): Words | null {
  return WORDS[endpoint] ?? null;
}

const ORDER = ['type', 'name', 'description', 'schema', 'strict'];
const FIRST_SCHEMA = '{"type":"object","properties":{},"required":[],"additionalProperties":false}';

/** One parameter text, read and edited. Every edit gives the new text; `null` leaves the key out. */
export class OutputFormat {
  constructor(
    readonly text: string | null,
    readonly words: Words,
  ) {}

  /** The text can be read. */
  get isJson(): boolean {
    return this.text === null || isJson(this.text);
  }

  get #format(): string | null {
    return this.text === null || !this.isJson ? null : sliceAt(this.text, this.words.format);
  }

  /** The format as it is spelled, where it has a schema. */
  get kept(): string | null {
    return this.mode === 'json_schema' ? this.#format : null;
  }

  get mode(): OutputMode {
    const format = this.#format;
    if (format === null || format === 'null') return 'none';
    const type = unquote(format.startsWith('{') ? (sliceAt(format, '/type') ?? '') : '');
    return type === 'text' || type === 'json_object' || type === 'json_schema' ? type : 'other';
  }

  get #inner(): string {
    return this.words.format + this.words.inner;
  }

  /** A member beside the schema, as it is spelled. */
  member(name: string): string | null {
    return this.text !== null && this.isJson ? sliceAt(this.text, `${this.#inner}/${name}`) : null;
  }

  withMode(mode: Exclude<OutputMode, 'other'>, kept: string | null): string | null {
    if (mode === this.mode) return this.text;
    const { format } = this.words;
    if (mode === 'none') {
      if (format === '' || this.text === null) return null;
      const left = removeItem(this.text, '', format.slice(1));
      return left.replace(/\s/g, '') === '{}' ? null : left;
    }
    const made = mode === 'json_schema' ? (kept ?? this.#first()) : `{"type":"${mode}"}`;
    if (format === '') return kept === made ? made : layOut(made);
    if (this.text === null || !this.isJson || !this.text.trim().startsWith('{')) return layOut(`{"format":${made}}`);
    const before = this.#format;
    const isSpread = this.text.includes('\n') && kept !== made;
    const spelled = before !== null && isSpread ? withMarginOf(before, layOut(made)) : made;
    return setMember(this.text, '', format.slice(1), spelled);
  }

  #first(): string {
    const inner = `"name":"answer","schema":${FIRST_SCHEMA},"strict":true`;
    return this.words.inner === ''
      ? `{"type":"json_schema",${inner}}`
      : `{"type":"json_schema","json_schema":{${inner}}}`;
  }

  /** With another value beside the schema, or of the schema itself. */
  withMember(name: string, json: string | null): string | null {
    if (this.text === null) return null;
    const { inner, format } = this.words;
    const ready = this.#hasInner() ? this.text : setMember(this.text, format, inner.slice(1), '{}', ['type']);
    return json === null ? removeItem(ready, this.#inner, name) : setMember(ready, this.#inner, name, json, ORDER);
  }

  #hasInner(): boolean {
    return this.text !== null && (sliceAt(this.text, this.#inner)?.startsWith('{') ?? false);
  }
}

/** What a server says of a name before it reads the schema. */
export function nameFault(name: string | null): string | null {
  if (name === null || name === '') return 'The schema needs a name';
  if (name.length > 64) return 'A name has at most 64 characters';
  return /^[a-zA-Z0-9_-]+$/.test(name) ? null : 'A name has letters, digits, _ and - only';
}
