import type { Section } from '../state/app.svelte';
import type { Host } from './host';

declare global {
  interface Window {
    __TAURI_INTERNALS__?: unknown;
  }
}

export interface Opened {
  host: Host;
  /** Where to begin instead of where the person was. */
  section?: Section;
}

/** The app's own host inside Tauri; a scripted one in a plain browser, which its address can set up. */
export async function openHost(): Promise<Opened> {
  if (window.__TAURI_INTERNALS__) {
    const { TauriHost } = await import('./tauri');
    return { host: new TauriHost() };
  }
  const { MemoryHost, optionsFrom } = await import('./memory');
  const query = new URLSearchParams(location.search);
  if (query.has('bench')) {
    const { FeedHost, feedSettings } = await import('./feed');
    return { host: new FeedHost(feedSettings(query)), section: 'compare' };
  }
  return {
    host: new MemoryHost(optionsFrom(query)),
    section: (query.get('section') as Section | null) ?? undefined,
  };
}
