// Pictures without a server: drawn from the prompt and the parameters, compared and written by hand.
import type { AnsweredPicture } from '../../bindings/AnsweredPicture';
import type { Cell } from '../../bindings/Cell';
import type { Parameter } from '../../bindings/Parameter';
import type { PictureText } from '../../bindings/PictureText';
import type { Run } from '../../bindings/Run';
import type { Host } from '../host';
import { answerHeaders } from './facts';
import { chunk, pngOf, tooLarge, type Colour } from './picture';
import type { Step } from './run';

interface Runs {
  readonly runs: ReadonlyMap<string, Run>;
}

/** Longest edge, pixels: what is drawn here is for looking at. */
const EDGE = 160;
const HEAD = 8;

type PictureCalls =
  | 'answeredPictures'
  | 'pictureBytes'
  | 'pictureThumbnail'
  | 'convertPicture'
  | 'pictureDifference'
  | 'pictureSheet'
  | 'pictureTexts'
  | 'withPictureTexts';

interface Asked {
  prompt: string;
  quality: string;
  /** Why what came is not decoded. */
  problem: string | null;
  width: number;
  height: number;
  count: number;
}

function askedOf(cell: Cell): Asked {
  const body = JSON.parse(cell.request?.body ?? '{}') as Record<string, unknown>;
  const text = (name: string) => (typeof body[name] === 'string' ? body[name] : '');
  const [width = 1024, height = 1024] = (/^\d+x\d+$/.exec(text('size'))?.[0].split('x') ?? []).map(Number);
  const scale = EDGE / Math.max(width, height);
  return {
    prompt: text('prompt'),
    quality: text('quality'),
    problem: tooLarge(width, height),
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
    count: typeof body['n'] === 'number' ? body['n'] : 1,
  };
}

const seedOf = (text: string) => [...text].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) >>> 0, 7);

function drawn({ prompt, quality, width, height }: Asked, number: number): Uint8Array {
  const seed = seedOf(`${prompt} ${number}`);
  const sky: Colour = [60 + (seed % 150), 90 + ((seed >> 4) % 120), 110 + ((seed >> 8) % 130)];
  const sun = { x: width * (0.25 + ((seed >> 12) % 50) / 100), y: height * 0.35, r: Math.min(width, height) * 0.13 };
  const fine = quality === 'hd' || quality === 'high';
  const colourAt = (x: number, y: number): Colour => {
    const sea = height * (0.62 + 0.03 * Math.sin((x + seed) / (fine ? 6 : 14)));
    if (y > sea) return [20, 60 + ((y * 90) / height) * 0.6, 78];
    if (Math.hypot(x - sun.x, y - sun.y) < sun.r) return [232, 190, 96];
    if (fine && (x * 7 + y * 3 + seed) % 41 === 0) return [245, 245, 240];
    return [sky[0], sky[1], Math.min(255, sky[2] + Math.round((y / height) * 40))];
  };
  return Uint8Array.from(pngOf(width, height, colourAt));
}

/** The life of a call that answers with pictures. */
export function pictureScript(started: Cell, parameters: readonly Parameter[]): Step[] {
  const value = (name: string) => parameters.find((parameter) => parameter.name === name)?.json ?? '';
  const steps: Step[] = [{ at: 0, head: { ...started, state: { kind: 'waiting' } } }];
  const end = (value('quality') === '"hd"' ? 900 : 420) + started.laneIndex * 60;
  const { prompt, count } = askedOf(started);
  const pictures = Array.from({ length: count }, () => ({
    form: { kind: 'inline' as const, characters: 68_000 },
    revisedPrompt: prompt.replace(/,/, ' in clear light,'),
  }));
  const finished: Cell = {
    ...started,
    state: { kind: 'finished' },
    head: {
      status: 200,
      protocol: 'HTTP/2.0',
      headers: answerHeaders(started),
      remoteAddress: '203.0.113.7:443',
      redirects: [],
      tls: { version: 'TLS 1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
    },
    milestones: { ...started.milestones, firstByte: end - 20, end },
    metrics: {
      ...started.metrics,
      cost: {
        amount: value('quality') === '"hd"' ? 0.08 : 0.04,
        currency: 'USD',
        formula: '1 picture',
        priceDate: '2026-10-01',
        estimated: false,
      },
    },
    outcome: { ...started.outcome, model: started.model, media: { kind: 'pictures', pictures } },
  };
  return [...steps, { at: end, head: finished }];
}

export function picturesHost(memory: Runs): Pick<Host, PictureCalls> {
  const find = (id: string): Cell => {
    for (const { cells } of memory.runs.values()) {
      const cell = cells.find((one) => one.id === id);
      if (cell) return cell;
    }
    throw { kind: 'notFound', what: 'The picture' };
  };
  return {
    async answeredPictures(id) {
      const cell = find(id);
      const asked = askedOf(cell);
      const media = cell.outcome.media;
      return (media?.kind === 'pictures' ? media.pictures : []).map((told, number): AnsweredPicture => ({
        number,
        revisedPrompt: told.revisedPrompt,
        url: null,
        bytes: drawn(asked, number).length,
        mediaType: 'image/png',
        width: asked.problem ? 0 : asked.width,
        height: asked.problem ? 0 : asked.height,
        problem: asked.problem,
      }));
    },
    async pictureBytes(id, number) {
      return drawn(askedOf(find(id)), number).buffer as ArrayBuffer;
    },
    async pictureThumbnail(data) {
      return shown(bytesOf(data));
    },
    async convertPicture(data) {
      return shown(bytesOf(data));
    },
    async pictureDifference(one, other, tolerance) {
      const [a, b] = [pixelsOf(bytesOf(one)), pixelsOf(bytesOf(other))];
      if (a.width !== b.width || a.height !== b.height) {
        const sizes = `${a.width} × ${a.height} and ${b.width} × ${b.height}`;
        throw { kind: 'media', message: `The pictures have different sizes: ${sizes} pixels.` };
      }
      let [different, greatest] = [0, 0];
      const apart = (x: number, y: number) =>
        Math.max(...[0, 1, 2].map((channel) => Math.abs(a.at(x, y)[channel]! - b.at(x, y)[channel]!)));
      const made = pngOf(a.width, a.height, (x, y) => {
        const distance = apart(x, y);
        greatest = Math.max(greatest, distance);
        if (distance > tolerance) different += 1;
        const pale = 200 + Math.round((a.at(x, y)[1] ?? 0) / 5);
        return distance > tolerance ? [214, 40, 40] : [pale, pale, pale];
      });
      const pixels = a.width * a.height;
      return { share: different / pixels, different, pixels, greatest, url: urlOf(Uint8Array.from(made)) };
    },
    async pictureSheet({ columns, rows }) {
      return shown(Uint8Array.from(pngOf(columns.length * 40, rows.length * 40, () => [240, 240, 240])));
    },
    async pictureTexts(data) {
      const bytes = bytesOf(data);
      return [...chunksOf(bytes)].flatMap(({ name, from, length }): PictureText[] => {
        if (name !== 'iTXt') return [];
        const content = bytes.slice(from, from + length);
        const end = content.indexOf(0);
        const decode = (part: Uint8Array) => new TextDecoder().decode(part);
        return [{ keyword: decode(content.slice(0, end)), text: decode(content.slice(end + 5)) }];
      });
    },
    async withPictureTexts(data, texts) {
      const bytes = bytesOf(data);
      const made = texts.flatMap(({ keyword, text }) =>
        chunk('iTXt', [...utf8(keyword), 0, 0, 0, 0, 0, ...utf8(text)]),
      );
      const first = [...chunksOf(bytes)][0]!;
      const at = first.from + first.length + 4;
      return urlOf(Uint8Array.from([...bytes.slice(0, at), ...made, ...bytes.slice(at)]));
    },
  };
}

const utf8 = (text: string) => new TextEncoder().encode(text);

function* chunksOf(bytes: Uint8Array): Generator<{ name: string; from: number; length: number }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = HEAD; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    yield { name: new TextDecoder().decode(bytes.slice(at + 4, at + 8)), from: at + 8, length };
    at += 12 + length;
  }
}

/** The pixels of a PNG of ours, which is not compressed. */
function pixelsOf(bytes: Uint8Array): { width: number; height: number; at: (x: number, y: number) => Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const data = [...chunksOf(bytes)].find(({ name }) => name === 'IDAT')!;
  const rows = new Uint8Array((width * 3 + 1) * height);
  for (let at = data.from + 2, to = 0; to < rows.length;) {
    const length = view.getUint16(at + 1, true);
    rows.set(bytes.slice(at + 5, at + 5 + length), to);
    at += 5 + length;
    to += length;
  }
  return { width, height, at: (x, y) => rows.subarray(y * (width * 3 + 1) + 1 + x * 3) };
}

function bytesOf(data: string): Uint8Array {
  return Uint8Array.from(atob(data.slice(data.indexOf(',') + 1)), (letter) => letter.charCodeAt(0));
}

function urlOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return `data:image/png;base64,${btoa(text)}`;
}

function shown(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { url: urlOf(bytes), bytes: bytes.length, width: view.getUint32(16), height: view.getUint32(20) };
}
