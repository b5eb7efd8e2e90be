import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Part } from '../../bindings/Part';
import { show, type Shown } from '../with-app/with-app';
import Composer from './Composer.svelte';

/** The head of a picture of 640 by 480 pixels, or of another width. */
function png(name = 'a.png', width = 640): File {
  const bytes = new Uint8Array(60);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  new DataView(bytes.buffer).setUint32(16, width);
  new DataView(bytes.buffer).setUint32(20, 480);
  return new File([bytes], name, { type: 'image/png' });
}

/** A second and a half of silence. */
function wav(): File {
  const bytes = new Uint8Array(44 + 72_000);
  bytes.set([...'RIFF'].map((letter) => letter.charCodeAt(0)));
  bytes.set(
    [...'WAVE'].map((letter) => letter.charCodeAt(0)),
    8,
  );
  new DataView(bytes.buffer).setUint32(28, 48_000, true);
  return new File([bytes], 'spoken.wav', { type: '' });
}

const pdf = (): File => new File(['%PDF-1.7 and so on'], 'Näme "1".pdf', { type: 'application/pdf' });

async function composer(): Promise<Shown> {
  const shown = await show(Composer);
  await screen.findByRole('region', { name: 'Composer' });
  return shown;
}

const parts = ({ app }: Shown): Part[] => {
  const content = app.comparison.messages[1]!.content;
  return content.kind === 'parts' ? content.parts : [];
};
const kinds = (shown: Shown): string[] => parts(shown).map(({ kind }) => kind);

const paste = (...files: File[]) =>
  fireEvent.paste(screen.getByRole('textbox', { name: 'User message 1' }), {
    clipboardData: { files, types: ['Files'] },
  });

const part = (number: number) => screen.findByRole('group', { name: `Part ${number} of User message 1` });

describe('what is attached', () => {
  it('is several things at once, each with its kind, its measure and what it costs', async () => {
    const shown = await composer();
    await paste(png(), wav(), pdf());
    expect(
      await within(await part(2)).findByText('image/png, 640 × 480 pixels, 60 bytes, 102 bytes in the body'),
    ).toBeTruthy();
    expect(await within(await part(3)).findByText('audio/wav, 1.50 s, 72.0 kB, 96.1 kB in the body')).toBeTruthy();
    expect(await within(await part(4)).findByText('Näme "1".pdf')).toBeTruthy();
    expect(screen.getByText(/tokens in \+ 1 image, 1 sound, 1 file, 96\.2 kB in the body/)).toBeTruthy();
    expect(kinds(shown)).toEqual(['text', 'image', 'audio', 'file']);
    const [, , sound, file] = parts(shown);
    expect(sound?.kind === 'audio' && sound.format).toBe('wav');
    expect(file?.kind === 'file' && [file.name, file.data]).toEqual([
      'Näme "1".pdf',
      `data:application/pdf;base64,${btoa('%PDF-1.7 and so on')}`,
    ]);
  });

  it('is dropped on a message, or on the composer beside them', async () => {
    const shown = await composer();
    const dataTransfer = { files: [png()], types: ['Files'], items: [] };
    await fireEvent.drop(screen.getByRole('group', { name: 'Message 2' }), { dataTransfer });
    await part(2);
    await fireEvent.drop(screen.getByRole('tabpanel', { name: 'Messages' }), { dataTransfer });
    await waitFor(() =>
      expect(shown.app.comparison.messages.filter(({ content }) => content.kind === 'parts').length).toBe(2),
    );
    expect(kinds(shown)).toEqual(['text', 'image']);
  });

  it('that claims too many pixels is not drawn and says why', async () => {
    await composer();
    await paste(png('small.png'));
    await waitFor(async () => expect((await part(2)).querySelector('img')).toBeTruthy());
    await paste(png('huge.png', 40_000));
    await waitFor(async () => expect((await part(3)).textContent).toContain('32768 pixels'));
    expect((await part(3)).querySelector('img')).toBeNull();
  });

  it('that is empty is named, and what came with it is attached', async () => {
    const shown = await composer();
    await paste(new File([], 'nothing.png', { type: 'image/png' }), png());
    await part(2);
    expect(kinds(shown)).toEqual(['text', 'image']);
    expect(shown.app.toasts.list.some(({ text }) => text.includes('nothing.png is empty'))).toBe(true);
  });

  it('changes places, goes, and comes back to where it was', async () => {
    const shown = await composer();
    await paste(png(), pdf());
    await part(3);
    await fireEvent.click(screen.getByRole('button', { name: 'More for part 3 of User message 1' }));
    await fireEvent.click(await screen.findByRole('menuitem', { name: 'Move up' }));
    await waitFor(() => expect(kinds(shown)).toEqual(['text', 'file', 'image']));
    await fireEvent.click(screen.getByRole('button', { name: 'Remove part 2 of User message 1' }));
    await waitFor(() => expect(kinds(shown)).toEqual(['text', 'image']));
    expect(screen.getByText('Part 2 of User message 1 removed')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(kinds(shown)).toEqual(['text', 'file', 'image']));
  });

  it('stays as it is until a smaller picture is taken', async () => {
    const shown = await composer();
    await paste(png());
    await part(2);
    const { host } = shown.app;
    host.smallerPicture = async (_url, { longestEdge, format, quality }) => ({
      url: `data:image/${format};base64,AAAA`,
      bytes: quality,
      width: longestEdge,
      height: longestEdge / 2,
    });
    await fireEvent.click(screen.getByRole('button', { name: 'More for part 2 of User message 1' }));
    await fireEvent.click(await screen.findByRole('menuitem', { name: 'Make smaller…' }));
    expect(await screen.findByText(/1024 × 512 pixels, 80 bytes/)).toBeTruthy();
    expect(parts(shown)[1]).toMatchObject({ url: expect.stringContaining('data:image/png') });
    await fireEvent.click(screen.getByRole('button', { name: 'Take it' }));
    await waitFor(() => expect(parts(shown)[1]).toMatchObject({ url: 'data:image/jpeg;base64,AAAA' }));
  });
});
