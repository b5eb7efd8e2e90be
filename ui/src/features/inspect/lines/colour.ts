// Colours of one row. A row knows nothing of its neighbours but whether a string of JSON was open at its beginning.

export type Role = '' | 'key' | 'string' | 'literal' | 'punct' | 'keyword' | 'comment' | 'secret';

export interface Piece {
  text: string;
  role: Role;
}

const TOKEN = /"(?:[^"\\]|\\[^]?)*"?|[{}[\],:]+|-?\d[\d.eE+-]*|\b(?:true|false|null)\b|\s+|[^\s{}[\],:"]+/gy;
const STRING_END = /(?:[^"\\]|\\[^]?)*"?/y;

/** Whether a string is open at the end of a row of JSON. */
export function endsInString(text: string, inside: boolean): boolean {
  let open = inside;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === 0x5c && open) at += 1;
    else if (character === 0x22) open = !open;
  }
  return open;
}

/** A guess for a row whose neighbours are not here: the first quote closes something when punctuation follows it. */
export function seemsInsideString(text: string): boolean {
  const quote = /(?:^|[^\\])"/.exec(text);
  if (!quote) return !/^[\s\d{}[\],:.eE+-]*$/.test(text);
  return /^\s*[:,}\]]/.test(text.slice(quote.index + quote[0].length));
}

export function colourJson(text: string, inside = false): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  if (inside) {
    STRING_END.lastIndex = 0;
    const end = STRING_END.exec(text)?.[0].length ?? 0;
    if (end > 0) pieces.push({ text: text.slice(0, end), role: 'string' });
    at = end;
  }
  TOKEN.lastIndex = at;
  for (let found = TOKEN.exec(text); found; found = TOKEN.exec(text)) {
    const last = pieces.at(-1);
    // Space has no colour: it goes with what stands before it, for fewer elements.
    if (last && /^\s/.test(found[0])) last.text += found[0];
    else pieces.push({ text: found[0], role: roleOf(found[0], text, TOKEN.lastIndex) });
    at = TOKEN.lastIndex;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), role: '' });
  return pieces;
}

function roleOf(token: string, text: string, end: number): Role {
  const first = token.charCodeAt(0);
  if (first === 0x22) return /^\s*:/.test(text.slice(end, end + 8)) ? 'key' : 'string';
  if (/[{}[\],:]/.test(token[0]!)) return 'punct';
  if (/^(?:-?\d|true$|false$|null$)/.test(token)) return 'literal';
  return '';
}

/** A line of an event stream: its field, then JSON when it is JSON. */
export function colourStream(text: string, inside = false): Piece[] {
  if (inside) return colourJson(text, true);
  if (text.startsWith(':')) return [{ text, role: 'comment' }];
  const field = /^(data|event|id|retry)(: ?)/.exec(text);
  if (!field) return colourJson(text);
  const rest = text.slice(field[0].length);
  return [
    { text: field[1]!, role: 'key' },
    { text: field[2]!, role: 'punct' },
    ...(/^[{["]/.test(rest) ? colourJson(rest) : [{ text: rest, role: 'string' as const }]),
  ];
}

/** A line of a request's head. */
export function colourHead(text: string, isFirst: boolean): Piece[] {
  if (isFirst) {
    const [method = '', address = '', protocol = ''] = text.split(' ', 3);
    return [
      { text: method, role: 'keyword' },
      { text: ` ${address}`, role: 'string' },
      ...(protocol ? [{ text: ` ${protocol}`, role: 'punct' as const }] : []),
    ];
  }
  const colon = text.indexOf(':');
  if (colon < 0) return [{ text, role: 'string' }];
  const value = text.slice(colon + 1);
  const secret = /•+\S*/.exec(value);
  return [
    { text: text.slice(0, colon + 1), role: 'key' },
    ...(secret
      ? [
          { text: value.slice(0, secret.index), role: 'string' as const },
          { text: secret[0], role: 'secret' as const },
          { text: value.slice(secret.index + secret[0].length), role: 'string' as const },
        ]
      : [{ text: value, role: 'string' as const }]),
  ];
}

/** A row of a hex dump: offset, bytes, and what can be printed between bars. */
export function colourHex(text: string): Piece[] {
  const parts = /^([0-9a-f]+)(\s.*?)(\|.*)?$/.exec(text);
  if (!parts) return [{ text, role: '' }];
  return [
    { text: parts[1]!, role: 'punct' },
    { text: parts[2]!, role: 'string' },
    { text: parts[3] ?? '', role: 'key' },
  ];
}

export interface Marked extends Piece {
  marked: boolean;
}

/** Cuts pieces so that places of the row can be marked. */
export function mark(pieces: readonly Piece[], places: readonly { start: number; end: number }[]): Marked[] {
  const out: Marked[] = [];
  let at = 0;
  for (const piece of pieces) {
    const end = at + piece.text.length;
    let from = at;
    for (const place of places) {
      const start = Math.max(from, place.start);
      const stop = Math.min(end, place.end);
      if (start >= stop) continue;
      if (start > from) out.push({ text: piece.text.slice(from - at, start - at), role: piece.role, marked: false });
      out.push({ text: piece.text.slice(start - at, stop - at), role: piece.role, marked: true });
      from = stop;
    }
    if (from < end) out.push({ text: piece.text.slice(from - at), role: piece.role, marked: false });
    at = end;
  }
  return out;
}
