// The request inside a PNG: written when a picture is saved, and opened again when the picture comes back.
import type { Comparison } from '../bindings/Comparison';
import type { Connection } from '../bindings/Connection';
import type { Draft } from '../bindings/Draft';
import type { PictureText } from '../bindings/PictureText';
import { describeError } from '../lib/app-error';
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

/** Why nothing was opened, for a picture without a request or one that is out of the ordinary; `null` for no picture. */
type Refusal = { problem: string };

const WITHOUT =
  'There is no request inside. Juxta writes one into each PNG that it saves; other programs may have taken it out. ' +
  'To send the picture itself, drop it on a message in Compare.';

/** Opens the request inside a file: true when it did, else why not, or `null` when the file is no picture at all. */
export async function openPictureRequest(app: App, file: File): Promise<true | Refusal | null> {
  const head = new Uint8Array(await file.slice(0, SIGNATURE.length).arrayBuffer());
  const isPng = SIGNATURE.every((byte, at) => head[at] === byte);
  if (!isPng && !file.type.startsWith('image/')) return null;
  try {
    const data = await dataUrlOf(file);
    const kept = isPng ? await keptIn(app, data) : null;
    if (!kept) return { problem: await withoutRequest(app, data) };
    open(app, kept);
    app.toast(`Restored the request of ${file.name}`);
    return true;
  } catch (error) {
    return { problem: describeError(error) };
  }
}

async function keptIn(app: App, data: string): Promise<Kept | null> {
  const texts = await app.host.pictureTexts(data);
  const found = texts.find(({ keyword }) => keyword === KEYWORD);
  return found ? read(found.text) : null;
}

/** A picture that cannot be seen either says so. */
async function withoutRequest(app: App, data: string): Promise<string> {
  const { kind } = await app.host.fileFacts(data.slice(data.indexOf(',') + 1));
  if (kind.kind !== 'broken') return WITHOUT;
  return `${kind.message} There is no request inside either, so nothing was opened. A smaller copy, made by another program, can be sent.`;
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
