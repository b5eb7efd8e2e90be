// Pictures, sounds and files that come by dialog, paste or drop. They go into the message as base64 of their very bytes;
// nothing is read from the network, and nothing is changed on the way.
import type { FileFacts } from '../../bindings/FileFacts';
import type { Part } from '../../bindings/Part';
import { bytes, duration } from '../../lib/format';
import type { Host } from '../../platform/host';

/** What the engine looks at and a database keeps without trouble. */
const LARGEST = 64 * 1024 * 1024;

/** Sounds by the names that bodies have for them; documents name the first two. */
const SOUNDS: Readonly<Record<string, string>> = {
  'audio/wav': 'wav',
  'audio/mpeg': 'mp3',
  'audio/flac': 'flac',
  'audio/ogg': 'ogg',
  'audio/opus': 'opus',
  'audio/aac': 'aac',
  'audio/mp4': 'm4a',
};
const DOCUMENTED = ['wav', 'mp3'];

export type AttachedPart = Part & { kind: 'image' | 'audio' | 'file' };

export function filesIn(transfer: DataTransfer | null): File[] {
  return [...(transfer?.files ?? [])];
}

export function carriesFiles(transfer: DataTransfer | null): boolean {
  return transfer?.types.includes('Files') ?? false;
}

/** A file as a part of a message. The error says in words why it is none. */
export async function attached(host: Host, file: File): Promise<AttachedPart> {
  if (file.size === 0) throw new Error(`${file.name} is empty, so it was not attached.`);
  if (file.size > LARGEST) {
    throw new Error(`${file.name} has ${bytes(file.size)}; at most ${bytes(LARGEST)} can be attached.`);
  }
  const data = await base64Of(file);
  const facts = await host.fileFacts(data);
  const type = facts.mediaType === 'application/octet-stream' && file.type !== '' ? file.type : facts.mediaType;
  if (type.startsWith('image/')) return { kind: 'image', url: `data:${type};base64,${data}`, detail: null };
  const format = SOUNDS[type];
  if (format !== undefined) return { kind: 'audio', data, format };
  return { kind: 'file', name: file.name, data: `data:${type};base64,${data}`, id: null, url: null };
}

function base64Of(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      const url = String(reader.result);
      resolve(url.slice(url.indexOf(',') + 1));
    };
    reader.onerror = () =>
      reject(new Error(`${file.name} could not be read${reader.error ? `: ${reader.error.message}` : '.'}`));
    reader.readAsDataURL(file);
  });
}

/** The base64 that a part carries, as it stands in the body; `null` for an address or an id. */
export function dataOf(part: Part): string | null {
  switch (part.kind) {
    case 'image':
      return part.url.startsWith('data:') ? part.url : null;
    case 'audio':
      return part.data;
    case 'file':
      return part.data;
    case 'text':
    case 'raw':
      return null;
  }
}

const known = new Map<string, Promise<FileFacts>>();
const MOST_KNOWN = 60;

/** What a part is by its bytes, asked for once. */
export function factsOf(host: Host, part: Part): Promise<FileFacts> | null {
  const data = dataOf(part);
  if (data === null) return null;
  const before = known.get(data);
  if (before) return before;
  const asked = host.fileFacts(data);
  if (known.size >= MOST_KNOWN) known.delete([...known.keys()][0]!);
  known.set(data, asked);
  asked.catch(() => known.delete(data));
  return asked;
}

/** `image/png, 640 × 480 pixels, 12.3 kB, 16.4 kB in the body`. */
export function factWords(facts: FileFacts, part: Part): string {
  const words = [facts.mediaType];
  if (facts.kind.kind === 'picture') words.push(`${facts.kind.width} × ${facts.kind.height} pixels`);
  if (facts.kind.kind === 'sound') words.push(duration(facts.kind.seconds * 1000));
  words.push(bytes(facts.bytes), `${bytes(dataOf(part)?.length)} in the body`);
  return words.join(', ');
}

/** What a server may stumble over, in words. */
export function factNotes(facts: FileFacts, part: Part): string[] {
  const notes: string[] = [];
  if (facts.kind.kind === 'broken') notes.push(facts.kind.message);
  if (facts.kind.kind === 'picture' && facts.kind.turned) {
    notes.push('Its file asks to be turned, which not every server does. “Make smaller…” turns it for good.');
  }
  if (part.kind === 'audio' && !DOCUMENTED.includes(part.format)) {
    notes.push(`Sent as ${part.format}. Servers document ${DOCUMENTED.join(' and ')} only.`);
  }
  return notes;
}

/** What is wrong with an address, or `null`. Variables may stand in it. */
export function addressProblem(url: string): string | null {
  if (url.trim() === '') return 'An address is missing';
  return /^https:\/\/\S+$/.test(url.trim()) ? null : 'The address has to begin with https://';
}
