import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openOverlay } from '../components/overlays';
import { Actions, type Action } from './actions.svelte';

const settings = { shortcuts: [] as { action: string; key: string }[], shortcutsEnabled: true };
let refused: string[] = [];
let failures: unknown[] = [];
let actions: Actions;

beforeEach(() => {
  settings.shortcuts = [];
  settings.shortcutsEnabled = true;
  refused = [];
  failures = [];
  actions = new Actions({
    settings: () => settings,
    refused: (reason) => refused.push(reason),
    failed: (error) => failures.push(error),
  });
});

function action(more: Partial<Action> = {}): Action & { run: ReturnType<typeof vi.fn> } {
  return { id: 'run.all', title: 'Run all', group: 'Run', key: 'Ctrl+Enter', run: vi.fn(), ...more } as never;
}

function press(key: string, more: KeyboardEventInit & { keyCode?: number } = {}, target: EventTarget = document.body) {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
  Object.defineProperty(event, 'target', { value: target });
  if (more.keyCode !== undefined) Object.defineProperty(event, 'keyCode', { value: more.keyCode });
  return { event, taken: actions.dispatch(event) };
}

describe('a key', () => {
  it('runs its action and keeps the browser from its own', () => {
    const run = action();
    actions.register([run]);
    const { event, taken } = press('Enter', { ctrlKey: true });
    expect(taken).toBe(true);
    expect(event.defaultPrevented).toBe(true);
    expect(run.run).toHaveBeenCalledOnce();
  });

  it('does nothing while an input method composes', () => {
    const run = action();
    actions.register([run]);
    expect(press('Enter', { ctrlKey: true, isComposing: true }).taken).toBe(false);
    expect(press('Enter', { ctrlKey: true, keyCode: 229 }).taken).toBe(false);
    expect(run.run).not.toHaveBeenCalled();
  });

  it('of one letter stays with the text that is typed', () => {
    const record = action({ id: 'record', key: 'R' });
    actions.register([record]);
    const field = document.createElement('textarea');
    expect(press('r', { code: 'KeyR' }, field).taken).toBe(false);
    expect(press('r', { code: 'KeyR' }).taken).toBe(true);
    expect(record.run).toHaveBeenCalledOnce();
  });

  it('of one letter looks for a choice in a list of choices', () => {
    const run = action({ key: 'R' });
    actions.register([run]);
    expect(press('r', {}, document.createElement('select')).taken).toBe(false);
    expect(run.run).not.toHaveBeenCalled();
    expect(press('r').taken).toBe(true);
  });

  it('with Ctrl works in text, too', () => {
    const run = action();
    actions.register([run]);
    expect(press('Enter', { ctrlKey: true }, document.createElement('textarea')).taken).toBe(true);
  });

  it('says why its action cannot be used, and runs nothing', () => {
    const run = action({ disabledReason: () => 'Fill weeks' });
    actions.register([run]);
    expect(press('Enter', { ctrlKey: true }).taken).toBe(true);
    expect(run.run).not.toHaveBeenCalled();
    expect(refused).toEqual(['Fill weeks']);
  });

  it('goes to the action that is visible when two have it', () => {
    const hidden = action({ id: 'test.all', visible: () => false });
    const run = action();
    actions.register([hidden, run]);
    press('Enter', { ctrlKey: true });
    expect(hidden.run).not.toHaveBeenCalled();
    expect(run.run).toHaveBeenCalledOnce();
  });

  it('leaves Esc to what floats above the page', () => {
    const stop = action({ id: 'run.stop', key: 'Escape' });
    actions.register([stop]);
    const close = openOverlay();
    expect(press('Escape').taken).toBe(false);
    close();
    expect(press('Escape').taken).toBe(true);
    expect(stop.run).toHaveBeenCalledOnce();
  });

  it('waits while a dialog is open, but not while a menu is', () => {
    const run = action();
    actions.register([run]);
    const menu = openOverlay();
    expect(press('Enter', { ctrlKey: true }).taken).toBe(true);
    menu();
    const dialog = openOverlay({ modal: true });
    expect(press('Enter', { ctrlKey: true }).taken).toBe(false);
    dialog();
  });

  it('Esc closes what floats wherever the focus is, before it stops a run', () => {
    const stop = action({ id: 'run.stop', key: 'Escape' });
    actions.register([stop]);
    const leave = actions.attach(window);
    const close = vi.fn();
    const release = openOverlay({ close });
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
    expect(close).toHaveBeenCalledOnce();
    expect(stop.run).not.toHaveBeenCalled();
    release();
    document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
    expect(stop.run).toHaveBeenCalledOnce();
    leave();
  });

  it('that a person chose replaces the built-in one', () => {
    const run = action();
    actions.register([run]);
    settings.shortcuts = [{ action: 'run.all', key: 'F5' }];
    expect(press('Enter', { ctrlKey: true }).taken).toBe(false);
    expect(press('F5').taken).toBe(true);
    expect(actions.keysFor('run.all')).toEqual(['F5']);
  });

  it('that a person took away is gone', () => {
    actions.register([action()]);
    settings.shortcuts = [{ action: 'run.all', key: '' }];
    expect(press('Enter', { ctrlKey: true }).taken).toBe(false);
    expect(actions.keyFor('run.all')).toBeNull();
  });

  it('does nothing when shortcuts are switched off, but Esc still stops', () => {
    const stop = action({ id: 'run.stop', key: 'Escape' });
    actions.register([action(), stop]);
    settings.shortcutsEnabled = false;
    expect(press('Enter', { ctrlKey: true }).taken).toBe(false);
    expect(actions.ariaKeys('run.all')).toBeUndefined();
    expect(press('Escape').taken).toBe(true);
  });
});

describe('an action', () => {
  it('that fails is reported', async () => {
    actions.register([action({ run: () => Promise.reject(new Error('no disk')) })]);
    actions.run('run.all');
    await Promise.resolve();
    expect(failures).toEqual([new Error('no disk')]);
  });

  it('leaves with its feature', () => {
    const leave = actions.register([action()]);
    leave();
    expect(actions.all).toEqual([]);
    expect(actions.run('run.all')).toBe(false);
  });

  it('knows who else has its key', () => {
    actions.register([action(), action({ id: 'other' })]);
    expect(actions.sharing('ctrl+enter', 'run.all')).toEqual(['other']);
  });
});
