// Searches of the history that were saved: kept in the settings, as they were typed.
import type { Settings } from '../bindings/Settings';
import type { Toasts } from './toasts.svelte';

/** What saving a search needs from the rest of the app. */
export interface SearchFacts {
  readonly settings: Settings;
  saveSettings(patch: Partial<Settings>): void;
  toast(text: string, more?: Parameters<Toasts['show']>[1]): void;
  announce(text: string): void;
}

export class SavedSearches {
  constructor(private readonly facts: SearchFacts) {}

  /** Newest last. */
  get texts(): readonly string[] {
    return this.facts.settings.searches;
  }

  /** Why a search cannot be saved. */
  reason(text: string): string | null {
    if (text.trim() === '') return 'Nothing is searched for';
    return this.texts.includes(text.trim()) ? 'This search is saved' : null;
  }

  save(text: string): void {
    if (this.reason(text) !== null) return;
    this.facts.saveSettings({ searches: [...this.texts, text.trim()] });
    this.facts.announce(`Saved the search ${text.trim()}`);
  }

  /** Takes a saved search away and offers to bring it back. */
  remove(text: string): void {
    const at = this.texts.indexOf(text);
    if (at < 0) return;
    this.facts.saveSettings({ searches: this.texts.filter((other) => other !== text) });
    this.facts.toast('Deleted the saved search', { action: { label: 'Undo', run: () => this.#put(text, at) } });
  }

  #put(text: string, at: number): void {
    if (this.texts.includes(text)) return;
    this.facts.saveSettings({ searches: [...this.texts.slice(0, at), text, ...this.texts.slice(at)] });
  }
}
