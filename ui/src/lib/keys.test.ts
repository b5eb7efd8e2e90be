import { describe, expect, it } from 'vitest';
import { ariaShortcut, hint, keyOf, normalizeKey } from './keys';

const pressed = (key: string, more: KeyboardEventInit = {}) => new KeyboardEvent('keydown', { key, ...more });

describe('keys', () => {
  it.each([
    ['ctrl+shift+n', 'Ctrl+Shift+N'],
    ['Shift+Ctrl+Enter', 'Ctrl+Shift+Enter'],
    ['Esc', 'Escape'],
    ['Ctrl+Up', 'Ctrl+ArrowUp'],
    ['Ctrl++', 'Ctrl++'],
    ['F6', 'F6'],
  ])('spells %s as %s', (written, spelled) => expect(normalizeKey(written)).toBe(spelled));

  it.each([
    ['a letter with Ctrl', pressed('k', { ctrlKey: true, code: 'KeyK' }), 'Ctrl+K'],
    ['an upper letter with Shift', pressed('N', { ctrlKey: true, shiftKey: true, code: 'KeyN' }), 'Ctrl+Shift+N'],
    ['Enter', pressed('Enter', { ctrlKey: true }), 'Ctrl+Enter'],
    ['a function key', pressed('F6', { shiftKey: true }), 'Shift+F6'],
    ['a slash', pressed('/', { ctrlKey: true, code: 'Slash' }), 'Ctrl+/'],
    [
      'a slash that needs Shift on this keyboard',
      pressed('/', { ctrlKey: true, shiftKey: true, code: 'Digit7' }),
      'Ctrl+Shift+7',
    ],
    ['a Cyrillic layout', pressed('л', { ctrlKey: true, code: 'KeyK' }), 'Ctrl+K'],
    ['Alt that types a symbol', pressed('∫', { ctrlKey: true, altKey: true, code: 'KeyB' }), 'Ctrl+Alt+B'],
    ['a bare letter', pressed('u', { code: 'KeyU' }), 'U'],
    ['a modifier alone', pressed('Control', { ctrlKey: true }), null],
    ['the key of the system', pressed('k', { metaKey: true, code: 'KeyK' }), null],
  ])('reads %s', (_, event, key) => expect(keyOf(event, false)).toBe(key));

  it('takes Cmd for Ctrl on macOS', () => {
    expect(keyOf(pressed('k', { metaKey: true, code: 'KeyK' }), true)).toBe('Ctrl+K');
    expect(hint('Ctrl+Shift+N', true)).toEqual(['⌘', '⇧', 'N']);
    expect(ariaShortcut('Ctrl+N', true)).toBe('Meta+N');
  });

  it('draws and announces a key', () => {
    expect(hint('Ctrl+Enter', false)).toEqual(['Ctrl', 'Enter']);
    expect(hint('Escape', false)).toEqual(['Esc']);
    expect(ariaShortcut('Ctrl+Shift+Enter', false)).toBe('Control+Shift+Enter');
  });
});
