// How the window is divided: what is open, how wide, and what the width of the window leaves room for.
import type { Settings } from '../bindings/Settings';

interface LayoutHost {
  readonly settings: Settings;
  saveSettings(patch: Partial<Settings>): void;
}

export const listWidths = { min: 160, max: 360 } as const;
export const paramsWidths = { min: 260, max: 420 } as const;
/** The least an inspector needs, and what it leaves to the lanes. */
export const inspectorSizes = { height: 200, width: 380, lanesHeight: 220, lanesWidth: 300 } as const;
/** Top bar, status bar and rail, which every page has around it. */
const frame = { height: 44 + 24, width: 60 } as const;

/**
 * In Diff the window is divided otherwise, and that is remembered apart: the list closes to give lanes their width, the
 * composer folds, and the panel on the right is wider. The names there, and what holds before anybody chose.
 */
const inDiff: Record<string, [name: string, otherwise: number]> = {
  'list.open': ['diff.list.open', 0],
  'composer.collapsed': ['diff.composer.collapsed', 1],
  'params.open': ['repeats.open', 1],
  'params.width': ['repeats.width', 384],
};

export class Layout {
  /** CSS pixels, at the zoom of the page. */
  width = $state(1440);
  height = $state(900);
  /** Whether lanes are held against a base; the page that shows them says so. */
  showsDiff: () => boolean = $state.raw(() => false);
  /** Open above the page, where the window is too narrow to dock. */
  #listAbove = $state(false);
  #paramsAbove = $state(false);

  constructor(private readonly host: LayoutHost) {}

  get isDiff(): boolean {
    return this.showsDiff();
  }

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

  /** What the window leaves between top bar and status bar. */
  readonly pageHeight = $derived(this.height - frame.height);

  /** On the right it stands beside the lanes where there is room, and above the page where there is not. */
  readonly docksInspector = $derived(this.room !== 'narrow');

  readonly inspectorHeights = $derived.by(() => {
    const most = this.pageHeight - inspectorSizes.lanesHeight;
    const max = this.isShort ? Math.min(most, this.height - 340) : most;
    return { min: Math.min(inspectorSizes.height, max), max };
  });
  readonly inspectorWidths = $derived.by(() => {
    const list = this.docksList && this.listOpen ? this.listWidth : 0;
    const params = this.docksParams && this.paramsOpen ? this.paramsWidth : 0;
    const beside = this.docksInspector ? list + params + inspectorSizes.lanesWidth : 60;
    return { min: inspectorSizes.width, max: Math.max(inspectorSizes.width, this.width - frame.width - beside) };
  });
  readonly inspectorHeight = $derived(clamp(this.value('inspector.height', 456), this.inspectorHeights));
  readonly inspectorWidth = $derived(clamp(this.value('inspector.width', 480), this.inspectorWidths));

  /** How wide a list is beside what is open in it, which is left what it needs. */
  widthOfList(name: string, widths: { min: number; max: number }, usual: number, rest: number): number {
    return clamp(Math.min(this.value(name, usual), this.width - rest), widths);
  }

  /** A remembered size or switch, by a name of the window's own. */
  value(name: string, otherwise: number): number {
    const [known, usual] = this.#named(name, otherwise);
    return this.host.settings.layout.find((entry) => entry.name === known)?.value ?? usual;
  }

  setValue(as: string, value: number): void {
    const [name] = this.#named(as, value);
    const rest = this.host.settings.layout.filter((entry) => entry.name !== name);
    this.host.saveSettings({ layout: [...rest, { name, value }] });
  }

  #named(name: string, otherwise: number): [name: string, otherwise: number] {
    return (this.isDiff && inDiff[name]) || [name, otherwise];
  }
}

function clamp(size: number, { min, max }: { min: number; max: number }): number {
  return Math.round(Math.min(max, Math.max(min, size)));
}
