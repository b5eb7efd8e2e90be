import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it, vi } from 'vitest';
import type { ConnectionTest } from '../../bindings/ConnectionTest';
import type { Host } from '../../platform/host';
import { show, type Shown } from '../with-app/with-app';
import ConnectionsPage from './ConnectionsPage.svelte';
import { connectionDrafts } from './connection-drafts.svelte';

const KEY = 'sk-very-secret-value-7c1d';

async function page(options: Parameters<typeof show>[2] = {}): Promise<Shown> {
  const shown = await show(ConnectionsPage, 'connections', options);
  await screen.findByRole('textbox', { name: 'Base URL' });
  return shown;
}

const field = (name: string): HTMLInputElement => screen.getByRole('textbox', { name });

async function type(target: HTMLInputElement, text: string): Promise<void> {
  target.value = text;
  await fireEvent.input(target);
}

describe('editing a connection', () => {
  it('is a draft until it is saved', async () => {
    const { app, host } = await page();
    await type(field('Name'), 'Scale main');
    expect(screen.getByText('Not saved')).toBeTruthy();
    expect(app.connections[0]?.name).toBe('Scale prod');
    await fireEvent.click(screen.getByRole('button', { name: /^Save/ }));
    await waitFor(() => expect(screen.queryByText('Not saved')).toBeNull());
    expect([app.connections[0]?.name, host.connections[0]?.name]).toEqual(['Scale main', 'Scale main']);
  });

  it('goes back to what is saved on Discard', async () => {
    await page();
    await type(field('Name'), 'Scale main');
    await fireEvent.click(screen.getByRole('button', { name: 'Discard' }));
    expect(field('Name').value).toBe('Scale prod');
    expect(screen.queryByText('Not saved')).toBeNull();
  });

  it('loses nothing by looking at another connection', async () => {
    await page();
    await type(field('Name'), 'Scale main');
    await fireEvent.click(screen.getByRole('option', { name: /ScaiGrid EU/ }));
    expect(field('Name').value).toBe('ScaiGrid EU');
    await fireEvent.click(screen.getByRole('option', { name: /Scale main/ }));
    expect(field('Name').value).toBe('Scale main');
  });

  it('is no draft any more when it is typed back', async () => {
    await page();
    await type(field('Name'), 'Scale main');
    await type(field('Name'), 'Scale prod');
    expect(screen.queryByText('Not saved')).toBeNull();
  });

  it('keeps what was typed when saving fails', async () => {
    const { app, host } = await page();
    vi.spyOn(host, 'saveConnection').mockRejectedValue({ kind: 'storage', message: 'disk full' });
    await type(field('Name'), 'Scale main');
    await fireEvent.click(screen.getByRole('button', { name: /^Save/ }));
    await waitFor(() => expect(app.toasts.list.length).toBeGreaterThan(0));
    expect(field('Name').value).toBe('Scale main');
    expect(screen.getByText('Not saved')).toBeTruthy();
  });
});

describe('a new connection', () => {
  it('takes dialect and headers from an address that is recognised', async () => {
    await page();
    await fireEvent.click(screen.getByRole('button', { name: 'Add connection' }));
    await waitFor(() => expect(field('Name').value).toBe(''));
    await type(field('Base URL'), 'https://api.egp.scale.com/v5/');
    expect(screen.getByRole('radio', { name: 'Scale v5' }).getAttribute('aria-checked')).toBe('true');
    expect(screen.getByText('recognised from the address')).toBeTruthy();
    expect(field('Name of header 1').value).toBe('x-api-key');
    expect(screen.getByText('with chats only')).toBeTruthy();
    expect(screen.getByText('/v5/chat/completions')).toBeTruthy();
  });

  it('is not saved without a name and an address, and says which is missing', async () => {
    const { app } = await page();
    const before = app.connections.length;
    await fireEvent.click(screen.getByRole('button', { name: 'Add connection' }));
    await waitFor(() => expect(field('Name').value).toBe(''));
    const save = screen.getByRole('button', { name: /^Save/ });
    expect(save.getAttribute('aria-disabled')).toBe('true');
    await fireEvent.click(save);
    expect(app.connections).toHaveLength(before);
  });

  it('asks before a key goes over plain http to another computer', async () => {
    await page();
    await type(field('Base URL'), 'http://10.0.0.2:8000');
    const agree = screen.getByRole('checkbox', { name: 'Send the key over plain http to 10.0.0.2' });
    expect(agree.getAttribute('aria-checked')).toBe('false');
    await fireEvent.click(agree);
    expect(agree.getAttribute('aria-checked')).toBe('true');
    // The agreement was for that host.
    await type(field('Base URL'), 'http://10.0.0.3:8000');
    expect(
      screen.getByRole('checkbox', { name: 'Send the key over plain http to 10.0.0.3' }).getAttribute('aria-checked'),
    ).toBe('false');
    await type(field('Base URL'), 'http://127.0.0.1:8000');
    expect(screen.queryByRole('checkbox')).toBeNull();
  });
});

describe('a key', () => {
  async function replaceKey(): Promise<HTMLInputElement> {
    await fireEvent.click(screen.getByRole('button', { name: 'Replace key' }));
    const input = document.querySelector<HTMLInputElement>('input[type=password]');
    if (!input) throw new Error('no field for the key');
    await type(input, KEY);
    return input;
  }

  it('leaves the page when it is stored; only its last four characters come back', async () => {
    const { app } = await page();
    await replaceKey();
    await fireEvent.click(screen.getByRole('button', { name: 'Store key' }));
    await waitFor(() => expect(screen.getByText('Key stored in GNOME Keyring')).toBeTruthy());
    expect(screen.getByText(/Written and read back just now/)).toBeTruthy();
    expect(document.documentElement.outerHTML).not.toContain(KEY);
    expect([...document.querySelectorAll('input')].map(({ value }) => value)).not.toContain(KEY);
    expect(JSON.stringify([app.connections, connectionDrafts(app).rows])).not.toContain(KEY);
    expect(app.connections[0]?.headers[0]?.secret?.source).toEqual({ kind: 'keychain', lastFour: '7c1d' });
  });

  it('is gone from the page even when storing it failed', async () => {
    const { host } = await page();
    vi.spyOn(host, 'storeKey').mockRejectedValue({ kind: 'keychain', message: 'locked' });
    const input = await replaceKey();
    await fireEvent.click(screen.getByRole('button', { name: 'Store key' }));
    expect((await screen.findByText(/The key was not stored/)).textContent).toContain('locked');
    expect(input.value).toBe('');
  });

  it('is asked for at once where an error says that it must be replaced', async () => {
    const { app } = await page();
    app.openConnection(app.connections[0]!.id, 'key');
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Key')));
  });

  it('does not save other edits of the connection along with it', async () => {
    const { app } = await page();
    await type(field('Name'), 'Scale main');
    await replaceKey();
    await fireEvent.click(screen.getByRole('button', { name: 'Store key' }));
    await waitFor(() =>
      expect(app.connections[0]?.headers[0]?.secret?.source).toEqual({ kind: 'keychain', lastFour: '7c1d' }),
    );
    expect(app.connections[0]?.name).toBe('Scale prod');
    expect(field('Name').value).toBe('Scale main');
  });

  it('stays in memory without a keychain, which is said plainly', async () => {
    await page({ keychain: { kind: 'missing', reason: 'No secret service on this bus' } });
    await replaceKey();
    expect(screen.getByText('No keychain answers. The key stays in memory until Juxta closes.')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Store key' }));
    expect(await screen.findByText('Key in memory until Juxta closes')).toBeTruthy();
  });

  it('is forgotten', async () => {
    const { app } = await page();
    await fireEvent.click(screen.getByRole('button', { name: 'Forget' }));
    await waitFor(() => expect(app.connections[0]?.headers[0]?.secret?.source).toEqual({ kind: 'absent' }));
  });

  it('is said to stay behind when the address moves to another host', async () => {
    await page();
    await type(field('Base URL'), 'https://api.egp.scale.com/v5');
    expect(screen.queryByText(/This key belongs to/)).toBeNull();
    await type(field('Base URL'), 'https://api.sgp.scale.com');
    expect(screen.getByText(/This key belongs to https:\/\/api\.egp\.scale\.com\./)).toBeTruthy();
  });

  it('does not travel with a copy of the connection', async () => {
    const { app } = await page();
    await fireEvent.click(screen.getByRole('button', { name: 'Duplicate' }));
    await waitFor(() => expect(field('Name').value).toBe('Scale prod copy'));
    const copy = connectionDrafts(app).rows.find(({ name }) => name === 'Scale prod copy');
    expect(copy?.headers[0]?.secret?.source).toEqual({ kind: 'absent' });
  });

  it('may come from an environment variable', async () => {
    await page();
    await fireEvent.click(screen.getByRole('option', { name: /Local server/ }));
    await waitFor(() => expect(field('Environment variable of Authorization').value).toBe('LOCAL_API_KEY'));
    const preview = screen.getByRole('region', { name: 'Request preview' });
    expect(within(preview).getByText(/Bearer \$LOCAL_API_KEY/)).toBeTruthy();
  });
});

describe('the sandbox', () => {
  it('cannot be changed, and says that it is local and simulated', async () => {
    await page();
    await fireEvent.click(screen.getByRole('option', { name: /Sandbox, ScaiGrid/ }));
    await waitFor(() => expect(field('Name').disabled).toBe(true));
    expect(screen.getByText('Local and simulated')).toBeTruthy();
    expect(screen.queryByRole('button', { name: /^Save/ })).toBeNull();
    expect(screen.queryByRole('button', { name: 'Delete' })).toBeNull();
  });
});

describe('the test', () => {
  it('shows what was asked, the status and how many models came', async () => {
    await page();
    await fireEvent.click(screen.getByRole('button', { name: 'Test all' }));
    const row = await screen.findByRole('group', { name: 'Models' });
    await waitFor(() => expect(within(row).getByText(/200, \d+ models/)).toBeTruthy());
    expect(within(row).getByRole('img', { name: /wait/ })).toBeTruthy();
    await type(field('Base URL'), 'https://api.sgp.scale.com');
    expect(within(row).getByText('This test is older than the last change.')).toBeTruthy();
  });

  it('says what it met, and leads to what can be done', async () => {
    const { host } = await page();
    const failed: ConnectionTest = {
      ...(await host.testConnection(host.connections[0]!)),
      status: null,
      models: null,
      error: {
        kind: 'network',
        stage: 'dns',
        host: 'api.egp.scale.com',
        port: 443,
        message: 'no such host',
        elapsedMs: 4,
        certificates: [],
      },
    };
    vi.spyOn(host as Host, 'testConnection').mockResolvedValue(failed);
    await fireEvent.click(screen.getByRole('button', { name: 'Test all' }));
    const row = await screen.findByRole('group', { name: 'Models' });
    await waitFor(() =>
      expect(within(row).getByRole('alert').textContent).toContain('No host named api.egp.scale.com'),
    );
    await fireEvent.click(within(row).getByRole('button', { name: 'Edit base URL' }));
    await waitFor(() => expect(document.activeElement).toBe(field('Base URL')));
  });
});
