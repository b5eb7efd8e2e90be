import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import type { Preview } from '../../bindings/Preview';
import { newMessage } from '../../state/comparison/messages';
import { show, type Shown } from '../with-app/with-app';
import Composer from './Composer.svelte';
import { composerView } from './composer-view.svelte';

const IMAGE = 'data:image/png;base64,AAAA';

async function composer(): Promise<Shown> {
  const shown = await show(Composer);
  await screen.findByRole('region', { name: 'Composer' });
  return shown;
}

const group = (number: number): HTMLElement => screen.getByRole('group', { name: `Message ${number}` });
const texts = ({ app }: Shown): string[] =>
  app.comparison.messages.map(({ content }) => (content.kind === 'text' ? content.text : content.kind));

async function type(field: HTMLElement, text: string): Promise<void> {
  (field as HTMLTextAreaElement).value = text;
  await fireEvent.input(field);
}

describe('messages', () => {
  it('have a name, numbered where a role occurs twice', async () => {
    await composer();
    expect(
      screen
        .getAllByRole('textbox')
        .map((field) => field.getAttribute('aria-label'))
        .filter((name) => name?.includes('message')),
    ).toEqual(['System message', 'User message 1', 'Assistant message', 'User message 2']);
  });

  it('are edited in place, and no other row is drawn anew', async () => {
    const shown = await composer();
    const others = [1, 3, 4].map(group);
    const seen: MutationRecord[] = [];
    const observer = new MutationObserver((records) => seen.push(...records));
    for (const other of others)
      observer.observe(other, { subtree: true, childList: true, characterData: true, attributes: true });
    await type(screen.getByRole('textbox', { name: 'User message 1' }), 'Changed');
    await waitFor(() => expect(texts(shown)[1]).toBe('Changed'));
    seen.push(...observer.takeRecords());
    observer.disconnect();
    expect(seen).toEqual([]);
  });

  it('change their role by the menu', async () => {
    const { app } = await composer();
    await fireEvent.click(screen.getByRole('button', { name: 'System, role of message 1' }));
    await fireEvent.click(await screen.findByRole('menuitemradio', { name: 'Developer' }));
    expect(app.comparison.messages[0]?.role).toBe('developer');
    expect(await screen.findByRole('textbox', { name: 'Developer message' })).toBeTruthy();
  });

  it('of a tool ask for the id of the call', async () => {
    const { app } = await composer();
    await fireEvent.click(screen.getByRole('button', { name: 'Assistant, role of message 3' }));
    await fireEvent.click(await screen.findByRole('menuitemradio', { name: 'Tool' }));
    await type(await screen.findByRole('textbox', { name: 'tool_call_id of Tool message' }), 'call_1');
    expect(app.comparison.messages[2]?.members).toEqual([{ name: 'tool_call_id', json: '"call_1"' }]);
  });

  it('are added with the role that comes next, and get the focus', async () => {
    const { app } = await composer();
    composerView.message = null;
    await fireEvent.click(screen.getByRole('button', { name: 'Add message' }));
    expect(app.comparison.messages.at(-1)?.role).toBe('assistant');
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toBe('Assistant message 2'));
  });

  it('are muted: kept, and not sent', async () => {
    const { app } = await composer();
    await fireEvent.pointerEnter(group(2));
    await fireEvent.click(within(group(2)).getByRole('button', { name: 'Mute message' }));
    const preview = (await app.host.preview(app.comparison.snapshot(), app.comparison.currentLane)) as Preview & {
      kind: 'ready';
    };
    expect((JSON.parse(preview.request.body) as { messages: unknown[] }).messages).toHaveLength(3);
    expect(app.comparison.messages).toHaveLength(4);
  });

  it('come back after they were deleted', async () => {
    const shown = await composer();
    const before = texts(shown);
    await fireEvent.pointerEnter(group(2));
    await fireEvent.click(within(group(2)).getByRole('button', { name: 'Delete message' }));
    expect(texts(shown)).toEqual(before.filter((_, index) => index !== 1));
    await fireEvent.click(await screen.findByRole('button', { name: 'Undo' }));
    expect(texts(shown)).toEqual(before);
  });

  it('move and change focus by the keyboard', async () => {
    const shown = await composer();
    const before = texts(shown);
    screen.getByRole('textbox', { name: 'System message' }).focus();
    expect(shown.app.actions.run('compose.moveDown')).toBe(true);
    expect(texts(shown).slice(0, 2)).toEqual([before[1], before[0]]);
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toBe('System message'));
    shown.app.actions.run('compose.next');
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toBe('Assistant message'));
  });

  it('of a long chat are drawn only where they can be seen', async () => {
    const { app } = await composer();
    const many = app.comparison.snapshot();
    many.draft.messages = Array.from({ length: 1000 }, (_, index) =>
      newMessage(index % 2 ? 'assistant' : 'user', `Line ${index}`),
    );
    app.comparison.open(many);
    await waitFor(() => expect(screen.getByText('1000')).toBeTruthy());
    expect(document.querySelectorAll('[data-message]')).toHaveLength(1000);
    expect(document.querySelectorAll('[data-message] textarea').length).toBeLessThan(100);
    expect(document.querySelectorAll('*').length).toBeLessThan(2000);
  });
});

describe('variables', () => {
  it('appear as they are typed, amber while they have no value', async () => {
    const { app } = await composer();
    await type(screen.getByRole('textbox', { name: 'System message' }), 'Answer in {{tongue}}');
    const field = await screen.findByRole('textbox', { name: 'Variable tongue' });
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(app.comparison.missingVariables).toEqual(['tongue']);
    await type(field, 'Norsk');
    expect(field.getAttribute('aria-invalid')).toBeNull();
    expect(app.comparison.missingVariables).toEqual([]);
  });
});

describe('images', () => {
  it('by address are shown as text and never loaded', async () => {
    const { app } = await composer();
    const message = app.comparison.messages[1]!;
    app.comparison.setContent(message, {
      kind: 'parts',
      parts: [
        { kind: 'text', text: 'See' },
        { kind: 'image', url: 'https://host.example/a.png', detail: null },
        { kind: 'image', url: IMAGE, detail: null },
      ],
    });
    expect(await screen.findByText('https://host.example/a.png')).toBeTruthy();
    expect([...document.querySelectorAll('img')].map((image) => image.getAttribute('src'))).toEqual([IMAGE]);
  });
});

describe('input of a lane of its own', () => {
  it('is marked, and edited without touching the shared messages', async () => {
    const { app } = await composer();
    const second = app.comparison.comparison.lanes[1]!.id;
    app.comparison.selectLane(second);
    app.comparison.setSharedInput(second, false);
    expect(await screen.findByText('Input of lane B')).toBeTruthy();
    await type(screen.getByRole('textbox', { name: 'System message' }), 'Only B');
    expect(app.comparison.comparison.draft.messages[0]?.content).not.toEqual({ kind: 'text', text: 'Only B' });
  });
});

describe('the composer', () => {
  it('collapses to one line and comes back', async () => {
    await composer();
    await fireEvent.click(screen.getByRole('button', { name: 'Collapse composer' }));
    expect(screen.queryByRole('textbox', { name: 'System message' })).toBeNull();
    await fireEvent.click(screen.getByRole('button', { name: 'Expand composer' }));
    expect(screen.getByRole('textbox', { name: 'System message' })).toBeTruthy();
  });
});
