// What a chat request of a connection will look like, from the form alone. Keys are shown by their last four characters.
import type { Connection } from '../../bindings/Connection';
import type { ConnectionHeader } from '../../bindings/ConnectionHeader';
import { chatAddress } from './address';

export interface HeadLine {
  name: string;
  value: string;
  /** The part of the value that hides a key. */
  masked: boolean;
}

export interface RequestHead {
  method: 'POST';
  path: string;
  lines: HeadLine[];
}

export type HeadPreview = { kind: 'ready'; head: RequestHead } | { kind: 'refused'; message: string };

export const MASK = '••••••••';

/** What stands for the key of a header; `null` when it has none and the header is not sent. */
export function maskedKey(header: ConnectionHeader): string | null {
  const source = header.secret?.source;
  if (!source) return '';
  switch (source.kind) {
    case 'absent':
      return null;
    case 'keychain':
    case 'memory':
      return MASK + source.lastFour;
    case 'environment':
      return source.name === '' ? null : `$${source.name}`;
  }
}

export function isSent(header: ConnectionHeader): boolean {
  return maskedKey(header) !== null && header.value.trim() !== '' && header.name.trim() !== '';
}

/** `version` is the app's own, which stands in the user agent. */
export function requestHead(connection: Connection, version: string): HeadPreview {
  const address = chatAddress(connection.baseUrl, connection.dialect);
  if (address.kind === 'refused') return address;
  const rows = connection.headers
    .filter((header) => isSent(header) && (header.only.length === 0 || header.only.includes('chat')))
    .map((header): HeadLine => ({
      // Names go out in lower case, as HTTP/2 wants them.
      name: header.name.trim().toLowerCase(),
      value: header.value
        .replaceAll('{{key}}', maskedKey(header) ?? '')
        .replaceAll('{{uuid}}', 'a fresh UUID')
        .trim(),
      masked: header.secret !== null,
    }));
  const own: HeadLine[] = [
    { name: 'host', value: address.url.host, masked: false },
    { name: 'accept', value: 'text/event-stream, application/json', masked: false },
    { name: 'content-type', value: 'application/json', masked: false },
    { name: 'user-agent', value: `juxta/${version}`, masked: false },
  ];
  // A row of the connection stands instead of what would be sent by itself.
  const lines = own.filter(({ name }) => !rows.some((row) => row.name === name));
  return {
    kind: 'ready',
    head: { method: 'POST', path: address.url.pathname + address.url.search, lines: [...lines, ...rows] },
  };
}

/** What the recipe leaves out, in a sentence. */
export function headNote(connection: Connection): string | null {
  const sent = connection.headers.filter(isSent);
  const bearer = sent.some(({ name }) => name.toLowerCase() === 'authorization');
  if (sent.every((header) => header.secret === null)) return 'No key is sent. That fits a server that asks for none.';
  return bearer ? null : 'No Authorization header. Switch to a Bearer recipe if the server wants one.';
}
