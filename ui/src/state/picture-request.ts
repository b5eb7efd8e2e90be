// The request inside a PNG: written when a picture is saved, and opened again when the picture comes back.
import type { Comparison } from '../bindings/Comparison';
import type { Connection } from '../bindings/Connection';
import type { Draft } from '../bindings/Draft';
import type { PictureText } from '../bindings/PictureText';
import { dataUrlOf } from '../lib/data-url';
import type { App } from './app.svelte';

const KEYWORD = 'juxta';
const VERSION = 1;
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47];

interface Kept {
  version: number;
  name: string;
  model: string;
  /** Where it was sent. Neither an address nor a key is among it. */
  connection: { id: string; name: string } | null;
  draft: Draft;
}

/** The text that brings the request back. */
export function requestText({ name, draft, lanes }: Comparison, connection: Connection | null): PictureText {
  const kept: Kept = {
    version: VERSION,
    name,
    model: lanes[0]?.model ?? '',
    connection: connection && { id: connection.id, name: connection.name },
    draft,
  };
  return { keyword: KEYWORD, text: JSON.stringify(kept) };
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isListOf = (value: unknown, fits: (one: Json) => boolean): boolean =>
  Array.isArray(value) && value.every((one) => isObject(one) && fits(one));
const isAxis = (value: unknown) =>
  value === null ||
  (isObject(value) &&
    isObject(value['subject']) &&
    Array.isArray(value['values']) &&
    value['values'].every(isText) &&
    (value['subject']['kind'] === 'prompt' ||
      (['parameter', 'variable'].includes(value['subject']['kind'] as string) && isText(value['subject']['name']))));

/** A picture comes from anywhere, so that nothing of it is believed. */
function read(text: string): Kept | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value) || value['version'] !== VERSION || !isText(value['name']) || !isText(value['model']))
    return null;
  const { draft, connection } = value;
  if (!isObject(draft) || !isObject(draft['grid'])) return null;
  const isWhole =
    isListOf(draft['messages'], ({ id, role, content }) => isText(id) && isText(role) && isObject(content)) &&
    isListOf(draft['parameters'], ({ name, json }) => isText(name) && isText(json)) &&
    isListOf(draft['variables'], (one) => isText(one['name']) && isText(one['value']) && isObject(one['kind'])) &&
    isAxis(draft['grid']['columns']) &&
    isAxis(draft['grid']['rows']);
  const isPlace =
    connection === null || (isObject(connection) && isText(connection['id']) && isText(connection['name']));
  return isWhole && isPlace ? (value as unknown as Kept) : null;
}

/** Opens the request inside a file. False when the file is no picture with one. */
export async function openPictureRequest(app: App, file: File): Promise<boolean> {
  const head = new Uint8Array(await file.slice(0, SIGNATURE.length).arrayBuffer());
  if (!SIGNATURE.every((byte, at) => head[at] === byte)) return false;
  const texts = await app.host.pictureTexts(await dataUrlOf(file));
  const found = texts.find(({ keyword }) => keyword === KEYWORD);
  const kept = found ? read(found.text) : null;
  if (!kept) return false;
  open(app, kept);
  app.toast(`Restored the request of ${file.name}`);
  return true;
}

function open(app: App, { name, model, connection, draft }: Kept): void {
  const document = app.media.image;
  const { connections } = document;
  const place =
    connections.find(({ id }) => id === connection?.id) ??
    connections.find((known) => known.name === connection?.name) ??
    connections[0];
  app.openSection('images');
  document.create((made) => {
    made.name = app.freeName(name);
    const { messages, parameters, variables, grid, order } = draft;
    made.draft = { ...made.draft, messages, parameters, variables, grid, order: Array.isArray(order) ? order : [] };
    const [lane] = made.lanes;
    if (!lane) return;
    lane.model = model;
    lane.connection = place?.id ?? '';
  });
}
