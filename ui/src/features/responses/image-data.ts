// Pictures that an item holds as base64 or as a `data:` address.
import type { ItemView } from './item-view';

const SIGNATURES: readonly [type: string, bytes: readonly number[], at: number][] = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47], 0],
  ['image/jpeg', [0xff, 0xd8, 0xff], 0],
  ['image/gif', [0x47, 0x49, 0x46, 0x38], 0],
  ['image/webp', [0x57, 0x45, 0x42, 0x50], 8],
];

/** The picture in a text; `null` when it is not base64. Its type is what its bytes say, else what the address says. */
export function imageOf(text: string): Blob | null {
  const address = /^data:([^;,]*)[^,]*,/.exec(text);
  if (address && !/;base64,$/i.test(address[0])) return null;
  const bytes = decode(address ? text.slice(address[0].length) : text);
  if (!bytes) return null;
  const known = SIGNATURES.find(([, signature, at]) => signature.every((byte, index) => bytes[at + index] === byte));
  const said = /^image\/[\w.+-]+$/.test(address?.[1] ?? '') ? address![1]! : 'image/png';
  return new Blob([bytes], { type: known?.[0] ?? said });
}

/** After its item, which the server names, else after the model. */
export function fileNameOf(item: ItemView, model: string, type: string): string {
  const ending = type
    .replace(/^image\//, '')
    .replace('jpeg', 'jpg')
    .replace('svg+xml', 'svg');
  return `${(item.text('/id') || model || 'picture').replaceAll(/[\\/]/g, '-')}.${ending}`;
}

/** Where a picture lies that is not in the text itself. */
export function elsewhere(text: string): string | null {
  return /^https?:\/\//i.test(text) ? text : null;
}

function decode(base64: string): Uint8Array<ArrayBuffer> | null {
  try {
    const binary = atob(base64.replace(/\s+/g, '').replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
