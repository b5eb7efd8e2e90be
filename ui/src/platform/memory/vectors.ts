// Vectors without a server: made of the words and letters of a text, so that texts about the same thing lie near.
import type { AppError } from '../../bindings/AppError';
import type { Cell } from '../../bindings/Cell';
import type { Comparison } from '../../bindings/Comparison';
import type { Lane } from '../../bindings/Lane';
import type { Parameter } from '../../bindings/Parameter';
import type { Slice } from '../../bindings/Slice';
import type { Host } from '../host';
import type { MemoryHost } from '../memory';
import { answerHeaders } from './facts';
import type { Step } from './run';

type VectorsHost = Pick<
  Host,
  | 'vectorFacts'
  | 'vectorNorms'
  | 'vectorPairs'
  | 'vectorSquare'
  | 'vectorNeighbours'
  | 'vectorMap'
  | 'vectorMapProgress'
  | 'stopVectorMap'
  | 'vectorAgreement'
  | 'exportVectors'
>;

const USUAL_DIMENSIONS = 96;
const MILLISECONDS = 318;
const MOST_PAIRED = 2000;
const ROUNDS = 60;
/** Neighbourhoods of more than so many texts take their time, as they do in the app. */
const SLOW_FROM = 200;
const SLOW_STEPS = 12;
const STEP_MILLISECONDS = 60;

/** The parts of a comparison's texts that a lane sends in calls of their own; one call without parts for other lanes. */
export function slicesOf({ draft }: Comparison, lane: Lane): (Slice | null)[] {
  if (lane.endpoint !== 'embed') return [null];
  const size = draft.batch || Math.max(1, draft.texts.length);
  const calls = Math.max(1, Math.ceil(draft.texts.length / size));
  return Array.from({ length: calls }, (_, call) => ({
    from: call * size,
    to: Math.min(draft.texts.length, (call + 1) * size),
  }));
}

/** The comparison with the texts of one call. */
export function sliced(comparison: Comparison, { slice }: Cell): Comparison {
  if (!slice) return comparison;
  const texts = comparison.draft.texts.slice(slice.from, slice.to);
  return { ...comparison, draft: { ...comparison.draft, texts } };
}

/** The whole life of a call for vectors. A model with 422 in its name is refused. */
export function vectorScript(started: Cell, parameters: Parameter[]): Step[] {
  const waiting: Step = { at: 0, head: { ...started, state: { kind: 'waiting' } } };
  const refusal = started.model.includes('422');
  const head = {
    status: refusal ? 422 : 200,
    protocol: 'HTTP/2.0',
    headers: answerHeaders(started),
    remoteAddress: '203.0.113.7:443',
    redirects: [],
    tls: { version: 'TLS 1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
  };
  const answered: Cell = {
    ...started,
    head,
    phases: { ...started.phases, wait: { start: 2, end: MILLISECONDS - 20 } },
    milestones: { ...started.milestones, firstByte: MILLISECONDS - 20, end: MILLISECONDS },
  };
  if (refusal)
    return [waiting, { at: MILLISECONDS, head: { ...answered, state: { kind: 'failed' }, error: refused() } }];
  const value = (name: string) => parameters.find((one) => one.name === name)?.json;
  const count = started.slice ? started.slice.to - started.slice.from : 0;
  const media = {
    kind: 'vectors' as const,
    count,
    dimensions: dimensionsOf(value('dimensions')),
    packed: value('encoding_format') === '"base64"',
  };
  const inputTokens = Math.max(1, Math.round((started.request?.bodyBytes ?? 0) / 5));
  const usage = {
    inputTokens,
    cachedTokens: null,
    outputTokens: null,
    reasoningTokens: null,
    totalTokens: inputTokens,
    reportedCost: null,
  };
  return [
    waiting,
    {
      at: MILLISECONDS,
      head: {
        ...answered,
        state: { kind: 'finished' },
        metrics: { ...started.metrics, inputTokens },
        outcome: { ...started.outcome, media, usage, model: started.model },
      },
    },
  ];
}

function dimensionsOf(json: string | undefined): number {
  const asked = Number(json);
  return Number.isInteger(asked) && asked > 0 ? asked : USUAL_DIMENSIONS;
}

function refused(): AppError {
  return {
    kind: 'rejected',
    status: 422,
    category: 'validation',
    code: null,
    message: 'This model has 384 dimensions at most',
    retryAfter: null,
    requestId: 'req_7Qm2kXv0aL',
    fields: [
      {
        path: ['body', 'dimensions'],
        message: 'Input should be less than or equal to 384',
        parameter: 'dimensions',
        input: '1024',
      },
    ],
    event: null,
    contentType: 'application/json',
    elapsedMs: MILLISECONDS,
    retryable: false,
  };
}

function hash(text: string, seed: number): number {
  let value = seed ^ 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

function vectorOf(text: string, model: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  const seed = hash(model, 7);
  // Something that all texts share, as in the vectors of real models.
  for (let at = 0; at < dimensions; at += 1) vector[at] = 0.5 * Math.sin(seed + at * 1.7);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    const stem = word.slice(0, 5);
    for (let part = 0; part < 6; part += 1) {
      const mixed = hash(`${stem} ${part}`, seed);
      vector[mixed % dimensions]! += (mixed & 0x10000 ? 1 : -1) * (word.length > 4 ? 0.8 : 0.15);
    }
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((part) => part / length);
}

export function vectorsHost(host: MemoryHost): VectorsHost {
  function textsOf(cells: string[]): { text: string; vector: Float32Array }[] {
    return cells.flatMap((id) => {
      for (const run of host.runs.values()) {
        const cell = run.cells.find((one) => one.id === id);
        const { media } = cell?.outcome ?? {};
        if (!cell || media?.kind !== 'vectors') continue;
        const { from, to } = cell.slice ?? { from: 0, to: run.snapshot.draft.texts.length };
        return run.snapshot.draft.texts
          .slice(from, to)
          .map((text) => ({ text, vector: vectorOf(text, cell.model, media.dimensions) }));
      }
      throw { kind: 'notFound', what: 'The answer' } as AppError;
    });
  }
  const rowsOf = (cells: string[]) => textsOf(cells).map(({ vector }) => vector);

  function pairsOf(rows: Float32Array[]): number[] {
    if (rows.length > MOST_PAIRED) {
      const message = `Pairs are compared for up to ${MOST_PAIRED} vectors; these are ${rows.length}.`;
      throw { kind: 'invalid', field: 'vectors', message } as AppError;
    }
    return rows.flatMap((one, index) => rows.slice(index + 1).map((other) => cosine(one, other)));
  }

  const mapName = (cells: string[], method: string) => `${method} ${cells.join()}`;
  const maps = new Map<string, Float32Array>();
  const working = new Map<string, { share: number }>();

  return {
    async vectorFacts(cells) {
      const rows = rowsOf(cells);
      const norms = rows.map(normOf);
      const same = new Map<string, number[]>();
      for (const [index, row] of rows.entries()) same.set(row.join(), [...(same.get(row.join()) ?? []), index]);
      const mean = norms.reduce((sum, norm) => sum + norm, 0) / Math.max(1, norms.length);
      return {
        count: rows.length,
        dimensions: rows[0]?.length ?? 0,
        norms: norms.length > 0 ? [Math.min(...norms), mean, Math.max(...norms)] : null,
        normalised: norms.every((norm) => Math.abs(norm - 1) < 1e-3),
        nan: [],
        infinite: [],
        zero: [],
        same: [...same.values()].filter((alike) => alike.length > 1),
      };
    },
    async vectorNorms(cells) {
      return Float32Array.from(rowsOf(cells), normOf);
    },
    async vectorPairs(cells, steps) {
      const rows = rowsOf(cells);
      const pairs = pairsOf(rows);
      if (pairs.length === 0) return null;
      const least = pairs.reduce((one, other) => Math.min(one, other));
      const most = pairs.reduce((one, other) => Math.max(one, other));
      const counts = Array.from({ length: steps }, () => 0);
      for (const pair of pairs)
        counts[Math.min(steps - 1, Math.floor(((pair - least) / (most - least || 1)) * steps))]!++;
      const mean = pairs.reduce((sum, pair) => sum + pair, 0) / pairs.length;
      return { counts, least, most, mean, byTopic: chain(rows) };
    },
    async vectorSquare(cells) {
      const rows = rowsOf(cells);
      return Float32Array.from(rows.flatMap((one) => rows.map((other) => cosine(one, other))));
    },
    async vectorNeighbours(cells, row, count) {
      const rows = rowsOf(cells);
      return rows
        .map((other, index) => ({ row: index, cosine: cosine(rows[row]!, other) }))
        .filter((near) => near.row !== row)
        .sort((one, other) => other.cosine - one.cosine)
        .slice(0, count);
    },
    async vectorMap(cells, method) {
      const rows = rowsOf(cells);
      const name = mapName(cells, method);
      const known = maps.get(name);
      if (known) return known;
      if (method === 'tsne' && rows.length > SLOW_FROM) {
        const work = { share: 0 };
        working.set(name, work);
        while (work.share < 1 && working.get(name) === work) {
          await new Promise((resolve) => setTimeout(resolve, STEP_MILLISECONDS));
          work.share += 1 / SLOW_STEPS;
        }
        if (working.get(name) !== work) return null;
        working.delete(name);
      }
      const { points, explained } = plane(rows);
      // Neighbourhoods are told by ranks: what lies close together is drawn apart.
      const numbers = method === 'tsne' ? [NaN, NaN, ...ranked(points).flat()] : [...explained, ...points.flat()];
      const made = Float32Array.from(numbers);
      maps.set(name, made);
      return made;
    },
    async vectorMapProgress(cells, method) {
      return working.get(mapName(cells, method))?.share ?? null;
    },
    async stopVectorMap(cells, method) {
      working.delete(mapName(cells, method));
    },
    async vectorAgreement(one, other, most) {
      const [left, right] = [rowsOf(one), rowsOf(other)];
      const [cosines, others] = [pairsOf(left), pairsOf(right)];
      const [ranks, otherRanks] = [ranksOf(cosines), ranksOf(others)];
      const last = Math.max(1, cosines.length - 1);
      const places = left.flatMap((_, row) => left.slice(row + 1).map((_, next) => [row, row + 1 + next] as const));
      const apart = places
        .map(([row, next], index) => ({
          rows: [row, next] as [number, number],
          cosines: [cosines[index]!, others[index]!] as [number, number],
          ranks: [ranks[index]! / last, otherRanks[index]! / last] as [number, number],
        }))
        .sort((a, b) => Math.abs(b.ranks[0] - b.ranks[1]) - Math.abs(a.ranks[0] - a.ranks[1]))
        .slice(0, most);
      return { correlation: correlation(ranks, otherRanks), pairs: cosines.length, apart };
    },
    async exportVectors(cells, format) {
      const lines = textsOf(cells).map(({ text, vector }, index) =>
        JSON.stringify({ index, text, embedding: [...vector] }),
      );
      return host.saveText(`vectors.${format}`, `${lines.join('\n')}\n`);
    },
  };
}

const normOf = (row: Float32Array): number => Math.hypot(...row);

/** All vectors here have the length 1. */
function cosine(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += one[at]! * (other[at] ?? 0);
  return Math.max(-1, Math.min(1, sum));
}

/** Each row after the nearest that is left. */
function chain(rows: Float32Array[]): number[] {
  const left = new Set(rows.keys());
  const order: number[] = [];
  for (let row: number | undefined = 0; row !== undefined && rows.length > 0;) {
    order.push(row);
    left.delete(row);
    const here: Float32Array = rows[row]!;
    let most = -Infinity;
    row = undefined;
    for (const other of left) {
      const near = cosine(here, rows[other]!);
      if (near > most) [row, most] = [other, near];
    }
  }
  return order;
}

/** The two directions in which the rows differ most. */
function plane(rows: Float32Array[]): { points: [number, number][]; explained: [number, number] } {
  const width = rows[0]?.length ?? 0;
  const mean = Array.from({ length: width }, (_, at) => rows.reduce((sum, row) => sum + row[at]!, 0) / rows.length);
  const centred = rows.map((row) => mean.map((middle, at) => row[at]! - middle));
  const whole = centred.flat().reduce((sum, part) => sum + part * part, 0) || 1;
  const axes: number[][] = [];
  for (let axis = 0; axis < 2; axis += 1) {
    let direction = mean.map((_, at) => Math.sin(at + 1 + axis));
    for (let round = 0; round < ROUNDS; round += 1) {
      const next = mean.map(() => 0);
      for (const row of centred) {
        const along = dot(row, direction);
        for (let at = 0; at < width; at += 1) next[at]! += along * row[at]!;
      }
      for (const before of axes) {
        const along = dot(next, before);
        for (let at = 0; at < width; at += 1) next[at]! -= along * before[at]!;
      }
      const length = Math.hypot(...next) || 1;
      direction = next.map((part) => part / length);
    }
    axes.push(direction);
  }
  const points = centred.map((row): [number, number] => [dot(row, axes[0]!), dot(row, axes[1]!)]);
  const share = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis] ** 2, 0) / whole;
  return { points, explained: [share(0), share(1)] };
}

function dot(one: number[], other: number[]): number {
  return one.reduce((sum, part, at) => sum + part * other[at]!, 0);
}

function ranked(points: [number, number][]): [number, number][] {
  const [across, down] = [0, 1].map((axis) => ranksOf(points.map((point) => point[axis as 0 | 1])));
  return points.map((_, index) => [across![index]!, down![index]!]);
}

/** 0 for the greatest. */
function ranksOf(values: number[]): number[] {
  const order = [...values.keys()].sort((a, b) => values[b]! - values[a]!);
  const ranks = values.map(() => 0);
  for (const [rank, index] of order.entries()) ranks[index] = rank;
  return ranks;
}

function correlation(one: number[], other: number[]): number | null {
  const mean = (one.length - 1) / 2;
  const spread = one.reduce((sum, rank) => sum + (rank - mean) ** 2, 0);
  if (spread === 0) return null;
  return one.reduce((sum, rank, index) => sum + (rank - mean) * (other[index]! - mean), 0) / spread;
}
