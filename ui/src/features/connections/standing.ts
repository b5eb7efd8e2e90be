// How a connection stands, for the list and for the head of its form.
import type { Connection } from '../../bindings/Connection';
import type { IconName } from '../../components/icons';
import type { ConnectionDrafts } from './connection-drafts.svelte';

export interface Standing {
  icon: IconName;
  tone: 'ok' | 'warn' | 'bad' | 'plain';
  /** A word at the end of the row. */
  note: string;
  /** The same for who cannot see the mark. */
  words: string;
}

export function standing(connection: Connection, drafts: ConnectionDrafts): Standing {
  if (drafts.isDraft(connection.id)) return { icon: 'alert', tone: 'warn', note: 'draft', words: ', not saved' };
  if (connection.profile === 'sandbox')
    return { icon: 'circlecheck', tone: 'ok', note: '', words: ', local and simulated' };
  const result = drafts.isStale(connection.id) ? null : (drafts.test(connection.id)?.result ?? null);
  if (result) {
    return result.error
      ? { icon: 'circlex', tone: 'bad', note: '', words: ', its test failed' }
      : { icon: 'circlecheck', tone: 'ok', note: '', words: ', its test passed' };
  }
  return { icon: 'ring', tone: 'plain', note: '', words: ', not tested' };
}
