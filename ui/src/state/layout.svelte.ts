// How the window is divided: what is open, how wide, and what the width of the window leaves room for.
import type { Settings } from '../bindings/Settings';

interface LayoutHost {
  readonly settings: Settings;
  saveSettings(patch: Partial<Settings>): void;
}

export const listWidths = { min: 160, max: 360 } as const;
export const paramsWidths = { min: 260, max: 420 } as const;

export class Layout {
  /** CSS pixels, at the zoom of the page. */
  width = $state(1440);
  height = $state(900);
  /** Open above the page, where the window is too narrow to dock. */
  #listAbove = $state(false);
  #paramsAbove = $state(false);

  constructor(private readonly host: LayoutHost) {}

  /** Follows the size of the window until the returned function is called. */
  attach(target: Window): () => void {
    const measure = () => {
      const zoom = this.host.settings.zoom / 100;
      this.width = Math.round(target.innerWidth / zoom);
      this.height = Math.round(target.innerHeight / zoom);
    };
    measure();
    target.addEventListener('resize', measure);
    return () => target.removeEventListener('resize', measure);
  }

  /** `wide` from 1800, `full` from 1280, `middle` from 1100, `narrow` below. */
  readonly room = $derived(
    this.width >= 1800 ? 'wide' : this.width >= 1280 ? 'full' : this.width >= 1100 ? 'middle' : 'narrow',
  );
  readonly isShort = $derived(this.height < 720);
  readonly docksList = $derived(this.room === 'full' || this.room === 'wide');
  readonly docksParams = $derived(this.room !== 'narrow');

  get listOpen(): boolean {
    return this.docksList ? this.value('list.open', 1) === 1 : this.#listAbove;
  }
  set listOpen(open: boolean) {
    if (this.docksList) this.setValue('list.open', open ? 1 : 0);
    else this.#listAbove = open;
  }

  get paramsOpen(): boolean {
    return this.docksParams ? this.value('params.open', 1) === 1 : this.#paramsAbove;
  }
  set paramsOpen(open: boolean) {
    if (this.docksParams) this.setValue('params.open', open ? 1 : 0);
    else this.#paramsAbove = open;
  }

  readonly listWidth = $derived(this.value('list.width', this.room === 'wide' ? 240 : 200));
  readonly paramsWidth = $derived(this.value('params.width', this.room === 'wide' ? 320 : 288));

  /** A remembered size or switch, by a name of the window's own. */
  value(name: string, otherwise: number): number {
    return this.host.settings.layout.find((entry) => entry.name === name)?.value ?? otherwise;
  }

  setValue(name: string, value: number): void {
    const rest = this.host.settings.layout.filter((entry) => entry.name !== name);
    this.host.saveSettings({ layout: [...rest, { name, value }] });
  }
}
