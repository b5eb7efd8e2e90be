import type { Connection } from '../../bindings/Connection';
import type { Action } from '../../state/actions.svelte';
import type { App } from '../../state/app.svelte';
import { connectionDrafts } from './connection-drafts.svelte';

const GROUP = 'Connections';

/** The connection on the page: the selected one, else the first. */
export function shownConnection(app: App): Connection | null {
  const drafts = connectionDrafts(app);
  const selected = app.selectedConnection === null ? null : drafts.shown(app.selectedConnection);
  return selected ?? drafts.rows[0] ?? null;
}

export function addConnection(app: App): void {
  app.openConnection(connectionDrafts(app).add(), 'name');
}

export async function testConnection(app: App, id: string): Promise<void> {
  try {
    const result = await connectionDrafts(app).runTest(id);
    const name = connectionDrafts(app).shown(id)?.name || 'New connection';
    if (result) app.announce(result.error ? `Test of ${name} failed` : `Test of ${name} passed`);
  } catch (error) {
    app.report(error);
  }
}

export async function saveConnection(app: App, id: string): Promise<void> {
  try {
    const saved = await connectionDrafts(app).save(id);
    if (saved) app.announce(`${saved.name} saved`);
  } catch (error) {
    app.report(error);
  }
}

export async function deleteConnection(app: App, id: string): Promise<void> {
  try {
    await connectionDrafts(app).remove(id);
    app.selectedConnection = null;
  } catch (error) {
    app.report(error);
  }
}

/** Why a connection cannot be changed, or `null`. */
export function fixedReason(connection: Connection | null): string | null {
  if (!connection) return 'There is no connection';
  return connection.profile === 'sandbox' ? 'The sandbox belongs to Juxta and cannot be changed' : null;
}

export function connectionActions(app: App): Action[] {
  const here = (): boolean => app.section === 'connections';
  const shown = (): Connection | null => shownConnection(app);
  const drafts = connectionDrafts(app);
  return [
    {
      id: 'connections.add',
      title: 'Add a connection',
      group: GROUP,
      key: 'Ctrl+Shift+N',
      run: () => addConnection(app),
    },
    {
      id: 'connections.save',
      title: 'Save connection',
      group: GROUP,
      key: 'Ctrl+S',
      visible: here,
      disabledReason: () => (drafts.isDraft(shown()?.id ?? '') ? null : 'Nothing to save'),
      run: () => saveConnection(app, shown()?.id ?? ''),
    },
    {
      id: 'connections.test',
      title: 'Test connection',
      group: GROUP,
      key: 'Ctrl+Enter',
      visible: here,
      disabledReason: () => (shown() ? null : 'There is no connection'),
      run: () => testConnection(app, shown()?.id ?? ''),
    },
    {
      id: 'connections.discard',
      title: 'Discard changes of the connection',
      group: GROUP,
      visible: here,
      disabledReason: () => (drafts.isDraft(shown()?.id ?? '') ? null : 'Nothing was changed'),
      run: () => drafts.discard(shown()?.id ?? ''),
    },
    {
      id: 'connections.duplicate',
      title: 'Duplicate connection',
      group: GROUP,
      visible: here,
      disabledReason: () => (shown() ? null : 'There is no connection'),
      run: () => app.openConnection(drafts.duplicate(shown()?.id ?? ''), 'name'),
    },
  ];
}
