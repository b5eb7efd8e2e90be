import type { Host } from '../platform/host';
import { dataUrlOf } from './data-url';

/**
 * Why a picture is not shown, in words; `null` when it can be. The web view would decode whatever size a file claims to
 * have, so its head is read before it gets the picture.
 */
export async function whyNotShown(host: Host, picture: Blob | string): Promise<string | null> {
  const { kind } = await host.fileFacts(typeof picture === 'string' ? picture : await dataUrlOf(picture));
  return kind.kind === 'broken' ? kind.message : null;
}
