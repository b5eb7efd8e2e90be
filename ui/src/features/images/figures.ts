// What stands under a picture: how long it took, what it cost, how large it is.
import { bytes, duration, money } from '../../lib/format';
import { errorCopy } from '../compare/error-copy';
import type { ImagesView, Tile } from './images-view.svelte';

export function timeOf({ cell }: Tile): string {
  return cell && !cell.isLive ? duration(cell.head.milestones.end) : '';
}

export function costOf({ cell }: Tile): string {
  const cost = cell?.head.metrics.cost;
  return cost ? `${cost.estimated ? '≈ ' : ''}${money(cost.amount, cost.currency)}` : '';
}

export function bytesOf(view: ImagesView, tile: Tile): string {
  const picture = view.pictureOf(tile);
  return picture && picture.bytes > 0 ? bytes(picture.bytes) : '';
}

/** `between 9.81 s and 21.7 s`: how long the others of the grid took, for one that is waited for. */
export function othersTook(view: ImagesView): string | null {
  const times = view.tiles
    .flatMap(({ cell }) =>
      cell?.settled === 'finished' && cell.head.milestones.end !== null ? [cell.head.milestones.end] : [],
    )
    .sort((one, other) => one - other);
  if (times.length < 2) return null;
  return `others took ${duration(times[0])} to ${duration(times.at(-1))}`;
}

/** Why a place that was asked for has nothing to see, or `null`. */
export function problemOf(view: ImagesView, tile: Tile): string | null {
  const { cell } = tile;
  if (!cell || cell.isLive) return null;
  if (cell.settled === 'stopped') return 'Stopped';
  if (cell.settled === 'interrupted') return 'Juxta closed while it ran';
  if (cell.head.error) return errorCopy(cell.head.error, cell.head.model).headline;
  const looked = view.pictures.of(cell);
  if (looked?.problem) return looked.problem;
  if (looked && looked.pictures.length === 0) return 'The answer holds no picture';
  if (view.pictureOf(tile)?.problem) return 'The picture is not shown';
  return cell.settled === 'finished' ? null : 'The answer is not whole';
}

/** How a place stands, for who does not see it. */
export function standing(view: ImagesView, tile: Tile): string {
  const { cell } = tile;
  if (!cell) return 'not generated yet';
  const kind = cell.head.state.kind;
  const words = { endedEarly: 'ended early', retrying: 'waits to try again' } as Record<string, string>;
  const letters = view.lettersOf(tile).map((letter) => `is ${letter}`);
  const unseen = view.pictureOf(tile)?.problem ?? '';
  return [words[kind] ?? kind, unseen, timeOf(tile), costOf(tile), bytesOf(view, tile), ...letters]
    .filter(Boolean)
    .join(', ');
}
