// Keys as they are written in settings (`Ctrl+Shift+Enter`), pressed, drawn and announced. Ctrl stands for the key
// that commands use: Cmd on macOS, Ctrl elsewhere.

export const isMac = typeof navigator !== 'undefined' && /^(Mac|iPhone|iPad)/.test(navigator.platform ?? '');

const order = ['Ctrl', 'Alt', 'Shift'] as const;
type Modifier = (typeof order)[number];

const names: Record<string, string> = {
  ' ': 'Space',
  esc: 'Escape',
  escape: 'Escape',
  return: 'Enter',
  enter: 'Enter',
  space: 'Space',
  tab: 'Tab',
  delete: 'Delete',
  backspace: 'Backspace',
  home: 'Home',
  end: 'End',
  up: 'ArrowUp',
  down: 'ArrowDown',
  left: 'ArrowLeft',
  right: 'ArrowRight',
  del: 'Delete',
};

function baseName(key: string): string {
  const known = names[key.toLowerCase()];
  if (known) return known;
  return key.length === 1 ? key.toUpperCase() : key;
}

/** One spelling for one key: modifiers in order, letters in upper case. */
export function normalizeKey(key: string): string {
  // `Ctrl++` ends in the plus key itself.
  const parts = key.endsWith('++') ? [...key.slice(0, -2).split('+'), '+'] : key.split('+');
  const base = baseName(parts.pop() ?? '');
  const held = new Set(parts.map((part) => part.trim().toLowerCase()));
  return [...order.filter((modifier) => held.has(modifier.toLowerCase())), base].join('+');
}

const modifierKeys = new Set(['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process']);

// Keys whose character changes with Shift or Alt are known by their place instead.
const places: Record<string, string> = {
  Minus: '-',
  Equal: '=',
  Slash: '/',
  Comma: ',',
  NumpadAdd: '+',
  NumpadSubtract: '-',
  NumpadEnter: 'Enter',
};

function placeOf(code: string): string | null {
  if (/^Digit\d$/.test(code)) return code.slice(5);
  if (/^Numpad\d$/.test(code)) return code.slice(6);
  if (/^Key[A-Z]$/.test(code)) return code.slice(3);
  return places[code] ?? null;
}

/** The key of an event in the same spelling, or null for a modifier alone. */
export function keyOf(event: KeyboardEvent, mac: boolean): string | null {
  if (!event.key || modifierKeys.has(event.key)) return null;
  const held: Record<Modifier, boolean> = {
    Ctrl: mac ? event.metaKey : event.ctrlKey,
    Alt: event.altKey,
    Shift: event.shiftKey,
  };
  // The other one of Ctrl and Cmd belongs to the system.
  if (mac ? event.ctrlKey : event.metaKey) return null;
  let base = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  if (base === ' ') base = 'Space';
  const latin = /^[\x21-\x7e]$/.test(base);
  const place = placeOf(event.code);
  const commanded = held.Ctrl || held.Alt;
  // A layout of another script, or a symbol made by Shift or Alt: take what is printed on a Latin keyboard.
  if (commanded && place && (!latin || held.Alt || (held.Shift && /^\d$/.test(place)))) base = place;
  if (base.length === 1 && !/[A-Z0-9]/.test(base)) {
    // A shifted symbol carries its Shift within itself: Ctrl+? and Ctrl++ are pressed with it.
    held.Shift = held.Shift && commanded && place !== null && base === place;
  }
  return [...order.filter((modifier) => held[modifier]), base].join('+');
}

const arrows: Record<string, string> = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→' };
const shown: Record<string, string> = { ...arrows, Escape: 'Esc', '-': '−', Delete: 'Del' };
const macModifiers: Record<string, string> = { Ctrl: '⌘', Alt: '⌥', Shift: '⇧' };

/** For the eye: `['Ctrl', 'Shift', 'N']`, `['⌘', 'Enter']`. */
export function hint(key: string, mac: boolean): string[] {
  const parts = normalizeKey(key).endsWith('++') ? [...key.slice(0, -2).split('+'), '+'] : normalizeKey(key).split('+');
  return parts.map((part) => (mac ? macModifiers[part] : undefined) ?? shown[part] ?? part);
}

/** For `aria-keyshortcuts`: `Control+Shift+N`. */
export function ariaShortcut(key: string, mac: boolean): string {
  return normalizeKey(key)
    .split('+')
    .map((part) => (part === 'Ctrl' ? (mac ? 'Meta' : 'Control') : part))
    .join('+');
}
