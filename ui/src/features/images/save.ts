// Pictures as files: one picture in the format that is wanted, or the whole grid as one PNG. A PNG has its request inside.
import type { AnsweredPicture } from '../../bindings/AnsweredPicture';
import type { Comparison } from '../../bindings/Comparison';
import type { Lane } from '../../bindings/Lane';
import type { PictureFormat } from '../../bindings/PictureFormat';
import type { PictureText } from '../../bindings/PictureText';
import { bytesOfDataUrl } from '../../lib/data-url';
import type { App } from '../../state/app.svelte';
import { effectiveParameters } from '../../state/comparison/parameters';
import { requestText } from '../../state/picture-request';
import { tellSaved } from '../transfer/export';
import { labelsOf, MOST_CALLS } from './grid';
import type { ImagesView, Tile } from './images-view.svelte';

/** Of a JPEG, 1 to 100. */
const QUALITY = 92;
/** Pixels that a picture of a contact sheet is wide and high at most. */
const SHEET_EDGE = 384;

const endings: Record<PictureFormat, string> = { png: 'png', jpeg: 'jpg', webp: 'webp' };

/** What a lane of a run sends, as a document by itself. */
export function singled(snapshot: Comparison, lane: Lane): Comparison {
  const parameters = effectiveParameters(snapshot, lane).map(({ name, json }) => ({ name, json }));
  const own = new Map(lane.variables.map((variable) => [variable.name, variable]));
  const variables = [
    ...snapshot.draft.variables.map((variable) => own.get(variable.name) ?? variable),
    ...lane.variables.filter(({ name }) => !snapshot.draft.variables.some((known) => known.name === name)),
  ];
  return {
    ...snapshot,
    draft: {
      ...snapshot.draft,
      messages: lane.forkedMessages ?? snapshot.draft.messages,
      parameters,
      variables,
      grid: { columns: null, rows: null },
    },
    lanes: [{ ...lane, overrides: [], variables: [], forkedMessages: null, muted: false }],
  };
}

/** The prompt as it was sent: with its variables filled in. */
export function sentPrompt(tile: Tile | null): string | null {
  const body = tile?.cell?.head.request?.body;
  if (!body) return null;
  try {
    const { prompt } = JSON.parse(body) as { prompt?: unknown };
    return typeof prompt === 'string' ? prompt : null;
  } catch {
    return null;
  }
}

function textsOf(app: App, comparison: Comparison, tile: Tile | null): PictureText[] {
  const connection = app.connections.find(({ id }) => id === comparison.lanes[0]?.connection) ?? null;
  const prompt = sentPrompt(tile);
  const body = tile?.cell?.head.request?.body;
  return [
    ...(prompt === null ? [] : [{ keyword: 'prompt', text: prompt }]),
    ...(body === undefined ? [] : [{ keyword: 'parameters', text: body }]),
    requestText(comparison, connection),
  ];
}

/** Letters and digits of any script, so that the name works on every disk. */
function fileName(...parts: string[]): string {
  const words = parts.map((part) => part.replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, ''));
  return (
    words
      .filter((word) => word !== '')
      .join(' ')
      .slice(0, 80) || 'picture'
  );
}

export async function savePicture(app: App, view: ImagesView, tile: Tile, format: PictureFormat): Promise<void> {
  const key = view.keyOf(tile);
  const lane = view.laneOf(tile);
  const { run } = view.document;
  if (!key || !lane || !run) return;
  try {
    const { url } = await app.host.convertPicture(await view.pictures.dataUrl(key), format, QUALITY);
    const texts = textsOf(app, singled(run.snapshot, lane), tile);
    const written = format === 'png' ? await app.host.withPictureTexts(url, texts) : url;
    const number = view.countOf(tile) > 1 ? String(key.number + 1) : '';
    const name = `${fileName(run.summary.name, tile.name, number)}.${endings[format]}`;
    tellSaved(app, await app.host.savePicture(name, bytesOfDataUrl(written)));
  } catch (error) {
    app.report(error);
  }
}

const endingsByType: Record<string, string> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/webp': 'webp',
  'image/gif': 'gif',
};

/** Whether bytes came that cannot be shown here, and that another program may be able to read. */
export function isUnseen(picture: AnsweredPicture | null): picture is AnsweredPicture {
  return picture !== null && picture.problem !== null && picture.bytes > 0;
}

/** Writes the bytes of a picture that cannot be shown. Nothing is put into them. */
export async function savePictureAsItCame(app: App, view: ImagesView, tile: Tile): Promise<void> {
  const picture = view.pictureOf(tile);
  if (!tile.cell || !isUnseen(picture)) return;
  try {
    const blob = await view.pictures.blob({ cell: tile.cell.id, number: picture.number });
    const name = fileName(view.document.run?.summary.name ?? '', tile.name);
    const ending = endingsByType[picture.mediaType] ?? 'bin';
    tellSaved(app, await app.host.savePicture(`${name}.${ending}`, new Uint8Array(await blob.arrayBuffer())));
  } catch (error) {
    app.report(error);
  }
}

export function sheetReason(view: ImagesView): string | null {
  if (view.document.isLive) return 'The grid is not finished yet';
  return view.tiles.some((tile) => view.keyOf(tile)) ? null : 'There is no picture yet';
}

/** Saves the grid on screen with its labels as one PNG, which brings the whole grid back when it is dropped. */
export async function saveSheet(app: App, view: ImagesView): Promise<void> {
  const { run } = view.document;
  if (!run) return;
  try {
    const pictures: (string | null)[] = [];
    for (const tile of view.tiles.slice(0, MOST_CALLS)) {
      const key = view.keyOf(tile);
      const small = key && (await app.host.pictureThumbnail(await view.pictures.dataUrl(key), SHEET_EDGE));
      pictures.push(small?.url ?? null);
    }
    const { columns, rows } = view.shownGrid;
    const sheet = { columns: labelsOf(columns), rows: labelsOf(rows), pictures, edge: SHEET_EDGE };
    const { url } = await app.host.pictureSheet(sheet);
    const base = run.snapshot.lanes
      .slice(0, 1)
      .map((lane) => ({ ...lane, overrides: [], variables: [], forkedMessages: null, muted: false }));
    const texts = textsOf(app, { ...run.snapshot, lanes: base }, null);
    const written = await app.host.withPictureTexts(url, texts);
    const name = `${fileName(run.summary.name, 'contact sheet')}.png`;
    tellSaved(app, await app.host.savePicture(name, bytesOfDataUrl(written)));
  } catch (error) {
    app.report(error);
  }
}
