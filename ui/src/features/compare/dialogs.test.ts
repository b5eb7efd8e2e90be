import { fireEvent, screen, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { Certificate } from '../../bindings/Certificate';
import { LiveCell } from '../../state/runs/live-cell.svelte';
import { show } from '../with-app/with-app';
import LaneDialogs from './LaneDialogs.svelte';
import { certificateFacts } from './certificate-facts';
import { laneView } from './lane-view.svelte';

const certificate = (more: Partial<Certificate> = {}): Certificate => ({
  subject: 'O=Nobody "vouches", CN=localhost',
  issuer: 'O=Nobody "vouches", CN=localhost',
  serial: '01:af',
  notBefore: '2024-02-29T00:00:00Z',
  notAfter: '2061-01-31T00:00:00Z',
  names: ['localhost', '127.0.0.1'],
  sha256: '0fa1'.repeat(16),
  pem: '-----BEGIN CERTIFICATE-----\n',
  ...more,
});

afterEach(() => {
  laneView.certificates = null;
  laneView.sizeOf = null;
});

describe('the certificate that is not trusted', () => {
  it('is shown with its whole chain', async () => {
    await show(LaneDialogs);
    laneView.certificates = { host: 'localhost', chain: [certificate(), certificate({ issuer: 'CN=Root' })] };
    const dialog = within(await screen.findByRole('dialog', { name: 'Certificate of localhost' }));
    expect(dialog.getAllByRole('listitem')).toHaveLength(2);
    const own = dialog.getByRole('listitem', { name: 'The server’s own' });
    for (const words of ['(signed by itself)', 'localhost, 127.0.0.1', '2024-02-29 00:00:00 UTC', '0F:A1:0F:A1'])
      expect(own.textContent).toContain(words);
  });

  it('is marked where its own dates are what is wrong', () => {
    const at = (time: string) =>
      certificateFacts(certificate(), Date.parse(time)).find(({ name }) => name === 'Valid')?.warn;
    expect([at('2024-01-01T00:00:00Z'), at('2030-01-01T00:00:00Z'), at('2061-02-01T00:00:00Z')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('that nobody could read still has its digest', () => {
    const bare = certificate({ subject: '', issuer: '', serial: '', notBefore: '', notAfter: '', names: [] });
    expect(certificateFacts(bare, 0).map(({ name }) => name)).toEqual(['SHA-256']);
  });
});

describe('the size of a request', () => {
  it('is told part by part, and leads to the request', async () => {
    const { app, host } = await show(LaneDialogs);
    const run = await host.openRun(app.recentRuns[0]!.id);
    laneView.sizeOf = new LiveCell(run.cells[0]!);
    const dialog = within(await screen.findByRole('dialog', { name: 'Size of the request' }));
    const rows = dialog.getAllByRole('row').slice(1);
    const first = rows.map((row) => within(row).getByRole('rowheader').textContent);
    expect(first).toContain('messages[0]');
    expect(first).toContain('The rest');
    await fireEvent.click(dialog.getByRole('button', { name: 'Show request' }));
    expect(screen.queryByRole('dialog', { name: 'Size of the request' })).toBeNull();
    expect([app.inspector.open, app.inspector.tab]).toEqual([true, 'request']);
  });
});
