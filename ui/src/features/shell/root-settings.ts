import type { Settings } from '../../bindings/Settings';

type RootSettings = Pick<Settings, 'theme' | 'contrast' | 'density' | 'zoom'>;

/** Puts how the page looks onto its root element. What follows the system has no attribute: the style sheet asks it. */
export function applySettings(root: HTMLElement, settings: RootSettings): void {
  const attributes: Record<string, string | null> = {
    'data-theme': settings.theme === 'system' ? null : settings.theme,
    'data-contrast': settings.contrast === 'system' ? null : settings.contrast,
    'data-density': settings.density === 'compact' ? null : settings.density,
  };
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) root.removeAttribute(name);
    else root.setAttribute(name, value);
  }
  root.style.setProperty('zoom', settings.zoom === 100 ? '' : String(settings.zoom / 100));
}
