// What parts of Compare see in a section of vectors, pictures or sounds: the same app, with the section's document, its
// calls and an inspector of its own in the places of Compare's.
import type { App } from './app.svelte';
import { Inspector } from './inspector.svelte';
import type { MediaDocument } from './media-document.svelte';
import type { RunsController } from './runs.svelte';
import type { LiveCell } from './runs/live-cell.svelte';
import { ShownCells } from './runs/shown-cells.svelte';

/** What a section knows of its calls that its document does not. */
interface SectionCalls {
  /** Sends again what failed. */
  start(lanes: string[] | null): Promise<void>;
  /** Why nothing can be sent, or `null`. */
  startReason(): string | null;
}

export interface MediaScope {
  readonly app: App;
  /** Shows a call in the inspector of the section. */
  inspect(cell: LiveCell): void;
}

/** The calls of a document by their lanes; of a lane with several, the one that was chosen is on screen. */
class DocumentCells extends ShownCells {
  #chosen: string | null = $state(null);

  constructor(private readonly document: MediaDocument) {
    super();
  }

  override cellsOfLane(lane: string): LiveCell[] {
    return this.document.cells.filter((cell) => cell.head.lane === lane);
  }

  override cellOfLane(lane: string): LiveCell | null {
    const chosen = this.document.cells.find(({ id }) => id === this.#chosen);
    // The lanes of a grid are made for its run: the document has none of its own to choose.
    if (chosen && !this.document.draft.lane(chosen.head.lane)) return chosen;
    const cells = this.cellsOfLane(lane);
    return cells.find(({ id }) => id === this.#chosen) ?? cells[0] ?? null;
  }

  override showCell(cell: LiveCell): void {
    this.#chosen = cell.id;
  }

  override get cells(): LiveCell[] {
    return this.document.cells;
  }
}

/**
 * The same object with other values for some of its members. Everything else is asked of the object itself, because its
 * private members are known to nobody else.
 */
function withMembers<Of extends object>(object: Of, members: PropertyDescriptorMap): Of {
  const own = Object.defineProperties({}, members);
  return new Proxy(object, {
    get(target, name) {
      if (name in members) return Reflect.get(own, name) as unknown;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}

export function mediaScope(app: App, document: MediaDocument, calls: SectionCalls): MediaScope {
  const cells = new DocumentCells(document);
  const runs: RunsController = withMembers(app.runs, {
    cells: { get: () => cells.cells },
    isLive: { get: () => document.isLive },
    isStarting: { get: () => document.isStarting },
    cellsOfLane: { value: (lane: string) => cells.cellsOfLane(lane) },
    cellOfLane: { value: (lane: string) => cells.cellOfLane(lane) },
    dialoguesOfLane: { value: (lane: string) => cells.dialoguesOfLane(lane) },
    dialogueOfLane: { value: (lane: string) => cells.dialogueOfLane(lane) },
    standing: { value: (lane: string) => cells.standing(lane) },
    showCell: { value: (cell: LiveCell) => cells.showCell(cell) },
    snapshotOf: { value: (run: string) => (document.run?.summary.id === run ? document.run.snapshot : null) },
    lastWorked: { value: () => null },
    start: { value: calls.start },
    startReason: { value: calls.startReason },
  });
  const inspector = new Inspector({ host: app.host, layout: app.layout, comparison: document.draft, runs });
  return {
    app: withMembers(app, {
      comparison: { value: document.draft },
      runs: { value: runs },
      inspector: { value: inspector },
    }),
    inspect(cell) {
      cells.showCell(cell);
      inspector.showResponse(cell);
    },
  };
}
