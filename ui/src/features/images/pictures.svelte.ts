// The pictures of answers as the page has them: what they are, and their bytes as addresses of the page's own. Nothing is
// ever loaded from where a server says that it lies.
import { SvelteMap } from 'svelte/reactivity';
import type { AnsweredPicture } from '../../bindings/AnsweredPicture';
import { describeError } from '../../lib/app-error';
import { dataUrlOf } from '../../lib/data-url';
import type { Host } from '../../platform/host';
import type { LiveCell } from '../../state/runs/live-cell.svelte';

/** Pictures whose bytes the page keeps at most. */
const KEPT = 80;
/** Longest edge of a picture in a strip, pixels. */
const SMALL = 144;

interface Looked {
  pictures: AnsweredPicture[];
  /** Why they could not be read. */
  problem: string | null;
}

/** One picture of an answer. */
export interface PictureKey {
  cell: string;
  number: number;
}

const keyOf = ({ cell, number }: PictureKey) => `${cell} ${number}`;

export class Pictures {
  #looked = new SvelteMap<string, Looked>();
  #addresses = new SvelteMap<string, string>();
  #small = new SvelteMap<string, string>();
  #asked = new Set<string>();
  #blobs = new Map<string, Promise<Blob>>();

  constructor(private readonly host: Host) {}

  /** What the pictures of an answer are; `null` until that is known. Asks when it is over. */
  of(cell: LiveCell): Looked | null {
    return cell.settled === 'finished' ? this.#look(cell.id) : null;
  }

  /** An address to show a picture by; `null` until its bytes are here. */
  address(key: PictureKey): string | null {
    const name = keyOf(key);
    const known = this.#addresses.get(name);
    if (known === undefined)
      this.#once(`address ${name}`, async () => {
        this.#addresses.set(name, URL.createObjectURL(await this.blob(key)));
        this.#release();
      });
    return known ?? null;
  }

  /** A small picture for a strip, of the first picture of a run; `null` until it is here. Empty when there is none. */
  ofRun(run: string): string | null {
    const known = this.#small.get(run);
    if (known === undefined)
      this.#once(
        `run ${run}`,
        async () => this.#small.set(run, await this.#smallOf(run)),
        () => this.#small.set(run, ''),
      );
    return known ?? null;
  }

  /** The bytes as they came. */
  blob(key: PictureKey): Promise<Blob> {
    const name = keyOf(key);
    const known = this.#blobs.get(name);
    if (known) return known;
    const mediaType = this.#looked.get(key.cell)?.pictures[key.number]?.mediaType ?? '';
    const read = this.host.pictureBytes(key.cell, key.number).then((bytes) => new Blob([bytes], { type: mediaType }));
    this.#blobs.set(name, read);
    read.catch(() => this.#blobs.delete(name));
    return read;
  }

  async dataUrl(key: PictureKey): Promise<string> {
    return dataUrlOf(await this.blob(key));
  }

  /** Looks at an answer and waits for it. */
  async look(cell: string): Promise<Looked> {
    return this.#looked.get(cell) ?? (await this.#read(cell));
  }

  async #smallOf(run: string): Promise<string> {
    const { cells } = await this.host.openRun(run);
    for (const { id, state } of cells) {
      if (state.kind !== 'finished') continue;
      const { pictures } = await this.look(id);
      const first = pictures.find(({ problem }) => problem === null);
      if (!first) continue;
      const bytes = await this.host.pictureBytes(id, first.number);
      const whole = await dataUrlOf(new Blob([bytes], { type: first.mediaType }));
      return (await this.host.pictureThumbnail(whole, SMALL)).url;
    }
    return '';
  }

  #look(cell: string): Looked | null {
    const known = this.#looked.get(cell);
    if (!known) this.#once(`look ${cell}`, async () => void (await this.#read(cell)));
    return known ?? null;
  }

  async #read(cell: string): Promise<Looked> {
    const looked = await this.host.answeredPictures(cell).then(
      (pictures): Looked => ({ pictures, problem: null }),
      (error: unknown): Looked => ({ pictures: [], problem: describeError(error) }),
    );
    this.#looked.set(cell, looked);
    return looked;
  }

  #once(name: string, ask: () => Promise<unknown>, failed: () => void = () => {}): void {
    if (this.#asked.has(name)) return;
    this.#asked.add(name);
    // Later: what asks is being drawn, and may change nothing meanwhile.
    queueMicrotask(() =>
      ask().catch((error: unknown) => {
        console.warn('a picture could not be read', error);
        failed();
      }),
    );
  }

  /** Lets go of the pictures that were asked for first. */
  #release(): void {
    const names = [...this.#addresses.keys()];
    for (const name of names.slice(0, Math.max(0, names.length - KEPT))) {
      URL.revokeObjectURL(this.#addresses.get(name)!);
      this.#addresses.delete(name);
      this.#blobs.delete(name);
      this.#asked.delete(`address ${name}`);
    }
  }
}
