// From what was typed as an address to the address of a chat, read the way the app itself reads it, so that the form can
// show it before anything is saved.
import type { Dialect } from '../../bindings/Dialect';
import type { ProfileInfo } from '../../bindings/ProfileInfo';

export type Address = { kind: 'ready'; url: URL } | { kind: 'refused'; message: string };

const VERSION: Record<Dialect, string> = { scaleV5: 'v5', scaigridV1: 'v1', openAi: 'v1' };
const CHAT: Record<Dialect, readonly string[]> = {
  scaleV5: ['chat', 'completions'],
  scaigridV1: ['inference', 'chat'],
  openAi: ['chat', 'completions'],
};
/** Ends of paths that people paste along with a base address, longest first. */
const PASTED_ENDS: readonly (readonly string[])[] = [
  ['chat', 'completions', 'models'],
  ['chat', 'completions'],
  ['inference', 'generate'],
  ['inference', 'chat'],
  ['inference'],
  ['completions'],
  ['responses'],
  ['embeddings'],
  ['models'],
];

export function readAddress(typed: string): Address {
  const text = typed.trim();
  if (text === '') return { kind: 'refused', message: 'An address is needed' };
  let url = parse(text.includes('://') ? text : `https://${text}`);
  // Nobody types the scheme of a server on their own desk, and it has no certificate.
  if (url && !text.includes('://') && isLoopback(url)) url = parse(`http://${text}`);
  if (!url || url.hostname === '') return { kind: 'refused', message: 'This is not an address' };
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return { kind: 'refused', message: 'An address begins with https:// or http://' };
  }
  if (url.username !== '' || url.password !== '') {
    return {
      kind: 'refused',
      message: 'A user name or password does not belong into the address; a header can carry it',
    };
  }
  url.hash = '';
  return { kind: 'ready', url };
}

export function chatAddress(typed: string, dialect: Dialect): Address {
  const address = readAddress(typed);
  if (address.kind === 'refused') return address;
  const segments = address.url.pathname.split('/').filter((segment) => segment !== '');
  const pasted = PASTED_ENDS.find((end) =>
    end.every((part, at) => segments[segments.length - end.length + at] === part),
  );
  if (pasted) segments.length -= pasted.length;
  // Servers that speak OpenAI's dialect may have their version elsewhere, or none: then the path says so.
  const asPasted = dialect === 'openAi' && (pasted !== undefined || segments.some((segment) => /^v\d/.test(segment)));
  if (!asPasted) {
    if (segments.at(-1) === VERSION[dialect]) segments.pop();
    segments.push(VERSION[dialect]);
  }
  address.url.pathname = [...segments, ...CHAT[dialect]].join('/');
  return address;
}

/** Whose address this is, by its host, else by a path that only one dialect has. */
export function recognise(typed: string, profiles: readonly ProfileInfo[]): ProfileInfo | null {
  const address = readAddress(typed);
  if (address.kind === 'refused') return null;
  const host = address.url.hostname.toLowerCase();
  const byHost = profiles.find((profile) =>
    profile.hosts.some((known) =>
      known.startsWith('.') ? host === known.slice(1) || host.endsWith(known) : host === known,
    ),
  );
  if (byHost) return byHost;
  const path = address.url.pathname;
  const id = path.includes('/v5/') ? 'scaleGp' : path.includes('/v1/inference') ? 'scaigrid' : null;
  return profiles.find((profile) => profile.id === id) ?? null;
}

/** Host that would get a key over plain http although it is not this computer. */
export function plainHttpHost(typed: string): string | null {
  const address = readAddress(typed);
  if (address.kind === 'refused' || address.url.protocol !== 'http:' || isLoopback(address.url)) return null;
  return address.url.hostname;
}

/** Where the sandbox at `address` speaks a dialect. */
export function sandboxBase(address: string, dialect: Dialect): string {
  return dialect === 'openAi' ? `${address}/oai` : address;
}

export function originOf(typed: string): string | null {
  const address = readAddress(typed);
  return address.kind === 'ready' ? address.url.origin : null;
}

function parse(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function isLoopback(url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
