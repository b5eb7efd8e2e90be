// Every action of the window has one entry here: its name, its key, and a reason when it cannot be used now. The
// palette, the shortcut sheet and the key hints on buttons all read this list.
import { SvelteMap } from 'svelte/reactivity';
import type { Settings } from '../bindings/Settings';
import { anyModal, anyOverlay, closeTopOverlay } from '../components/overlays';
import { ariaShortcut, hint, isMac, keyOf, normalizeKey } from '../lib/keys';

export interface Action {
  /** `lanes.duplicate`. */
  id: string;
  /** Sentence case, verb first: `Duplicate lane`. */
  title: string;
  /** Heading in the shortcut sheet. */
  group: string;
  /** Built-in key: `Ctrl+Enter`, where Ctrl is Cmd on macOS. */
  key?: string;
  run(): void | Promise<void>;
  /** Why it cannot be used now, or null. */
  disabledReason?(): string | null;
  /** Whether it makes sense where the person is. */
  visible?(): boolean;
  /** Works while a text field has the focus. Keys with Ctrl or Alt and function keys do so anyway. */
  inText?: boolean;
  /** Works while a dialog is open. */
  inOverlay?: boolean;
}

type ShortcutSettings = Pick<Settings, 'shortcuts' | 'shortcutsEnabled'>;

/** What the registry needs to know from the app. */
export interface ActionsContext {
  settings(): ShortcutSettings;
  failed(error: unknown): void;
  /** A key was pressed whose action cannot be used now. */
  refused(reason: string): void;
}

export class Actions {
  #actions = new SvelteMap<string, Action>();

  constructor(private readonly context: ActionsContext) {}

  /** Adds actions; the returned function takes them away again. A later entry of the same id replaces the first. */
  register(actions: readonly Action[]): () => void {
    for (const action of actions) this.#actions.set(action.id, action);
    return () => {
      for (const action of actions) {
        if (this.#actions.get(action.id) === action) this.#actions.delete(action.id);
      }
    };
  }

  get all(): Action[] {
    return [...this.#actions.values()];
  }

  get(id: string): Action | undefined {
    return this.#actions.get(id);
  }

  isVisible(action: Action): boolean {
    return action.visible?.() ?? true;
  }

  disabledReason(id: string): string | null {
    return this.#actions.get(id)?.disabledReason?.() ?? null;
  }

  /** The key in force: the person's own, else the built-in one; null when there is none or all are off. */
  keyFor(id: string): string | null {
    return this.context.settings().shortcutsEnabled ? this.assignedKey(id) : null;
  }

  /** The same, whether shortcuts are switched on or not. */
  assignedKey(id: string): string | null {
    const own = this.context.settings().shortcuts.find((shortcut) => shortcut.action === id);
    const key = own ? own.key : this.#actions.get(id)?.key;
    return key ? normalizeKey(key) : null;
  }

  /** For `Kbd` and the `keys` of a button: `['Ctrl', 'Enter']`, or undefined without a key. */
  keysFor(id: string): string[] | undefined {
    const key = this.keyFor(id);
    return key ? hint(key, isMac) : undefined;
  }

  /** For `aria-keyshortcuts`: `Control+Enter`. */
  ariaKeys(id: string): string | undefined {
    const key = this.keyFor(id);
    return key ? ariaShortcut(key, isMac) : undefined;
  }

  /** Ids of the other actions that answer to this key. */
  sharing(key: string, id: string): string[] {
    const wanted = normalizeKey(key);
    return this.all.filter((action) => action.id !== id && this.assignedKey(action.id) === wanted).map(({ id }) => id);
  }

  /** Runs an action by its id, as the palette does. False when it is unknown or cannot be used now. */
  run(id: string): boolean {
    const action = this.#actions.get(id);
    if (!action || !this.isVisible(action)) return false;
    const reason = action.disabledReason?.() ?? null;
    if (reason) {
      this.context.refused(reason);
      return false;
    }
    try {
      const done = action.run();
      if (done instanceof Promise) done.catch((error: unknown) => this.context.failed(error));
    } catch (error) {
      this.context.failed(error);
    }
    return true;
  }

  /** True when the key led to an action, which then was run or refused. */
  dispatch(event: KeyboardEvent): boolean {
    // While an input method composes, Enter and its like belong to it (229 is what old engines send).
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return false;
    if (!this.context.settings().shortcutsEnabled && event.key !== 'Escape') return false;
    const key = keyOf(event, isMac);
    if (!key) return false;
    if (key === 'Escape' && anyOverlay()) return false;
    const modal = anyModal();
    const bare = !/(Ctrl|Alt)\+/.test(key) && !/^(Shift\+)?F\d+$/.test(key) && key !== 'Escape';
    // In a list of choices letters look for one.
    const text = bare && (isTextField(event.target) || event.target instanceof HTMLSelectElement);
    for (const action of this.#actions.values()) {
      if (this.assignedKey(action.id) !== key) continue;
      if (modal && !action.inOverlay) continue;
      if (text && !action.inText) continue;
      if (!this.isVisible(action)) continue;
      event.preventDefault();
      event.stopPropagation();
      this.run(action.id);
      return true;
    }
    return false;
  }

  /** Listens to the keys of a window until the returned function is called. */
  attach(target: Window): () => void {
    const listen = (event: KeyboardEvent) => void this.dispatch(event);
    // Last in line: an Esc that nothing inside of the floating thing has taken.
    const close = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.isComposing && !event.defaultPrevented && closeTopOverlay())
        event.preventDefault();
    };
    target.addEventListener('keydown', listen, true);
    target.addEventListener('keydown', close);
    return () => {
      target.removeEventListener('keydown', listen, true);
      target.removeEventListener('keydown', close);
    };
  }
}

const textInputs = new Set(['text', 'search', 'url', 'email', 'number', 'password', 'tel', '']);

export function isTextField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement) return true;
  return target instanceof HTMLInputElement && textInputs.has(target.getAttribute('type') ?? '');
}
