// The part of the memory host that serves documents: requests, responses and events as rows.
import type { Cell } from '../../bindings/Cell';
import type { DocumentForm } from '../../bindings/DocumentForm';
import type { DocumentInfo } from '../../bindings/DocumentInfo';
import type { DocumentMedia } from '../../bindings/DocumentMedia';
import type { DocumentRow } from '../../bindings/DocumentRow';
import type { DocumentSource } from '../../bindings/DocumentSource';
import type { RequestView } from '../../bindings/RequestView';
import { isJson, layOut } from '../../lib/json-text';
import { isLive } from '../../state/runs/live-cell.svelte';
import type { Host } from '../host';
import type { MemoryHost } from '../memory';
import { recordedEvents } from './recorded';

export type DocumentsHost = Pick<Host, 'documentInfo' | 'documentRows' | 'documentBytes'>;

interface Content {
  head: string[];
  body: Uint8Array<ArrayBuffer>;
  live: boolean;
}

const LONGEST = 400;
/** What goes on while a call runs. */
const wholeBodies = new Set<DocumentSource['kind']>(['response', 'payload']);
const encode = (text: string) => new TextEncoder().encode(text);

export function documentsHost(host: MemoryHost): DocumentsHost {
  async function content(source: DocumentSource): Promise<Content> {
    if (source.kind === 'preview') {
      const { request } = await host.preview(source.comparison, source.lane);
      return { head: headOf(request), body: encode(request.body), live: false };
    }
    const { cell } = await host.openCell(source.cell);
    if (!cell.request) throw { kind: 'notFound', what: 'exchange' };
    if (source.kind === 'request') return { head: headOf(cell.request), body: encode(cell.request.body), live: false };
    return { head: [], body: encode(bodyOf(cell, source)), live: wholeBodies.has(source.kind) && isLive(cell) };
  }

  return {
    async documentInfo(source, form) {
      const { head, body, live } = await content(source);
      const text = new TextDecoder().decode(body);
      const rows = rowsOf(head, body, form);
      const known = mediaOf(text);
      const sha256 = new Uint8Array(await crypto.subtle.digest('SHA-256', body));
      const info: DocumentInfo = {
        rows: rows.length,
        bytes: body.length + (head.length === 0 ? 0 : encode(head.join('\r\n')).length + 4),
        bodyBytes: body.length,
        ...known,
        utf8: true,
        sha256: [...sha256].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
        json: isJson(text),
        live,
        keys: form === 'pretty' ? keysOf(rows) : [],
      };
      return info;
    },
    async documentRows(source, form, from, count) {
      const { head, body } = await content(source);
      return rowsOf(head, body, form).slice(from, from + count);
    },
    async documentBytes(source) {
      return (await content(source)).body.buffer;
    },
  };
}

function headOf(request: RequestView): string[] {
  const { pathname, search, host } = new URL(request.url);
  return [
    `${request.method} ${pathname}${search} HTTP/1.1`,
    `host: ${host}`,
    ...request.headers.map(({ name, value }) => `${name.toLowerCase()}: ${value}`),
  ];
}

function bodyOf(cell: Cell, source: DocumentSource & { cell: string }): string {
  const events = recordedEvents(cell);
  if (source.kind === 'event' || source.kind === 'eventPayload') {
    const event = events[source.number - 1];
    if (!event) throw { kind: 'notFound', what: 'event' };
    return source.kind === 'event' ? event.raw : (/^data: ?(.*)$/m.exec(event.raw)?.[1] ?? event.raw);
  }
  if (cell.error?.kind === 'rejected') {
    const detail = cell.error.fields.map(({ path, message }) => ({ loc: path, msg: message }));
    return JSON.stringify({ detail });
  }
  return events.map(({ raw }) => raw).join('') + (cell.outcome.endMarker ? 'data: [DONE]\n\n' : '');
}

function mediaOf(text: string): { media: DocumentMedia; mediaType: string } {
  if (isJson(text)) return { media: 'json', mediaType: 'application/json' };
  if (/^(?:data|event|id|retry)?:/.test(text)) return { media: 'eventStream', mediaType: 'text/event-stream' };
  return { media: 'text', mediaType: 'text/plain' };
}

function rowsOf(head: readonly string[], body: Uint8Array, form: DocumentForm): DocumentRow[] {
  if (form === 'hex') return hex(body);
  const text = new TextDecoder().decode(body);
  const laidOut = form === 'pretty' ? prettyOf(text) : text;
  const lines = text === '' ? [] : laidOut.replace(/\n$/, '').split('\n');
  const rows: DocumentRow[] = [];
  for (const [index, line] of [...head, ...(head.length > 0 ? [''] : []), ...lines].entries()) {
    for (let from = 0; from === 0 || from < line.length; from += LONGEST) {
      rows.push({ line: from === 0 ? index + 1 : null, text: line.slice(from, from + LONGEST) });
    }
  }
  return rows;
}

function prettyOf(text: string): string {
  const lines = text.split('\n').map((line) => {
    const [, field = '', json = ''] = /^(data: )(.*)$/.exec(line) ?? [];
    return field && isJson(json) ? field + layOut(json) : line;
  });
  return isJson(text) ? layOut(text) : lines.join('\n');
}

function hex(body: Uint8Array): DocumentRow[] {
  const rows: DocumentRow[] = [];
  for (let at = 0; at < body.length; at += 16) {
    const bytes = [...body.subarray(at, at + 16)];
    const pairs = bytes.map((byte) => byte.toString(16).padStart(2, '0'));
    const columns = `${pairs.slice(0, 8).join(' ').padEnd(23)}  ${pairs.slice(8).join(' ').padEnd(23)}`;
    const ascii = bytes.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
    rows.push({ line: rows.length + 1, text: `${at.toString(16).padStart(8, '0')}  ${columns}  |${ascii}|` });
  }
  return rows;
}

/** Members of the outermost object stand two spaces in. */
function keysOf(rows: readonly DocumentRow[]): DocumentInfo['keys'] {
  return rows.flatMap(({ text }, row) => {
    const name = /^ {2}("(?:[^"\\]|\\.)*"):/.exec(text)?.[1];
    return name ? [{ name: JSON.parse(name) as string, row }] : [];
  });
}
