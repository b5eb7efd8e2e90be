// What two lists have in common, in order: the shortest way from one to the other, by Myers' greedy search. Lists are of
// whole numbers, so that a step costs the same whatever it stands for.

/** `length` elements are the same in both, from `before` in the one and from `after` in the other. */
export interface Match {
  before: number;
  after: number;
  length: number;
}

/** How much a search may cost. It is spent by those who share it. */
export interface Effort {
  /** Steps that are left. */
  steps: number;
}

/**
 * The runs that stay, in order. `null` when more would have to change than the effort that is left can find: a search for
 * `d` changes takes about `d²` steps and as many numbers of memory.
 */
export function matchesOf(before: Int32Array, after: Int32Array, effort: Effort): Match[] | null {
  const [n, m] = [before.length, after.length];
  let start = 0;
  while (start < n && start < m && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < n - start && end < m - start && before[n - 1 - end] === after[m - 1 - end]) end += 1;
  const between = searched(before.subarray(start, n - end), after.subarray(start, m - end), effort);
  if (!between) return null;
  return joined([
    { before: 0, after: 0, length: start },
    ...between.map((match) => ({ ...match, before: match.before + start, after: match.after + start })),
    { before: n - end, after: m - end, length: end },
  ]);
}

function searched(before: Int32Array, after: Int32Array, effort: Effort): Match[] | null {
  const [n, m] = [before.length, after.length];
  if (n === 0 || m === 0) return [];
  const most = Math.min(n + m, Math.floor(Math.sqrt(Math.max(0, effort.steps))));
  /** How far along `before` each diagonal has come, after each number of changes: those of `d` begin at `d²`. */
  let reached = new Int32Array(1024);
  for (let d = 0; d <= most; d += 1) {
    if ((d + 1) * (d + 1) > reached.length) {
      const larger = new Int32Array(Math.min((most + 1) * (most + 1), reached.length * 4));
      larger.set(reached);
      reached = larger;
    }
    effort.steps -= 2 * d + 1;
    for (let k = -d; k <= d; k += 2) {
      let x = -1;
      if (d === 0) x = 0;
      else {
        const from = (d - 1) * (d - 1) + (d - 1);
        const down = k < d ? reached[from + k + 1]! : -1;
        const right = k > -d ? reached[from + k - 1]! + 1 : -1;
        x = down >= right ? down : right;
      }
      let y = x - k;
      while (x < n && y < m && before[x] === after[y]) {
        x += 1;
        y += 1;
      }
      reached[d * d + d + k] = x;
      if (x >= n && y >= m) return wayBack(reached, d, n, m);
    }
  }
  return null;
}

function wayBack(reached: Int32Array, changes: number, n: number, m: number): Match[] {
  const matches: Match[] = [];
  let [x, y] = [n, m];
  for (let d = changes; d > 0; d -= 1) {
    const k = x - y;
    const from = (d - 1) * (d - 1) + (d - 1);
    const down = k < d ? reached[from + k + 1]! : -1;
    const right = k > -d ? reached[from + k - 1]! + 1 : -1;
    const isDown = down >= right;
    const startX = isDown ? down : right;
    if (x > startX) matches.push({ before: startX, after: startX - k, length: x - startX });
    x = isDown ? down : right - 1;
    y = x - (isDown ? k + 1 : k - 1);
  }
  if (x > 0) matches.push({ before: 0, after: 0, length: x });
  return matches.reverse();
}

function joined(matches: readonly Match[]): Match[] {
  const out: Match[] = [];
  for (const match of matches) {
    const last = out.at(-1);
    if (match.length === 0) continue;
    if (last && last.before + last.length === match.before && last.after + last.length === match.after)
      last.length += match.length;
    else out.push({ ...match });
  }
  return out;
}
