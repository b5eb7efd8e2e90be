// Groups of texts that are near to each other, and a word for each.

/** Shapes on the map: no more groups are told apart. */
export const MOST_TOPICS = 5;
/** Below this mean silhouette the texts are one group. */
const LEAST_SEPARATION = 0.08;

/**
 * For each row the number of its group, in the order in which `order` comes to them. The nearest groups are joined first, by
 * their mean cosine; how many are left is what tells them apart best. Everything is group 0 where nothing does.
 */
export function topicsOf(square: Float32Array, order: readonly number[]): number[] {
  const count = order.length;
  const rows = order.filter((row) => !Number.isNaN(square[row * count + row]));
  const one = Array.from({ length: count }, () => 0);
  if (rows.length < 4) return one;
  let groups = rows.map((row) => [row]);
  const near = rows.map((row) => rows.map((other) => square[row * count + other]!));
  let best = { separation: LEAST_SEPARATION, groups: null as number[][] | null };
  while (groups.length > 2) {
    let [left, right, most] = [0, 1, -Infinity];
    for (let first = 0; first < groups.length; first += 1)
      for (let second = first + 1; second < groups.length; second += 1)
        if (near[first]![second]! > most) [left, right, most] = [first, second, near[first]![second]!];
    join(groups, near, left, right);
    groups = groups.filter((_, index) => index !== right);
    near.splice(right, 1);
    for (const line of near) line.splice(right, 1);
    if (groups.length > MOST_TOPICS) continue;
    const separation = silhouette(groups, square, count);
    if (separation > best.separation) best = { separation, groups: groups.map((group) => [...group]) };
  }
  if (!best.groups) return one;
  const place = new Map(order.map((row, index) => [row, index]));
  const first = (group: number[]) => Math.min(...group.map((row) => place.get(row)!));
  for (const [topic, group] of best.groups.sort((a, b) => first(a) - first(b)).entries())
    for (const row of group) one[row] = topic;
  return one;
}

function join(groups: number[][], near: number[][], left: number, right: number): void {
  const [mine, other] = [groups[left]!.length, groups[right]!.length];
  for (const [index, line] of near.entries()) {
    const mean = (mine * near[left]![index]! + other * near[right]![index]!) / (mine + other);
    near[left]![index] = mean;
    line[left] = mean;
  }
  groups[left]!.push(...groups[right]!);
}

/** Mean over all rows of how much nearer the own group is than the nearest other one, -1 to 1. */
function silhouette(groups: readonly number[][], square: Float32Array, count: number): number {
  let [sum, rows] = [0, 0];
  for (const group of groups)
    for (const row of group) {
      rows += 1;
      if (group.length === 1) continue;
      const far = (others: readonly number[]) =>
        others.reduce((total, other) => total + (other === row ? 0 : 1 - square[row * count + other]!), 0);
      const own = far(group) / (group.length - 1);
      const next = Math.min(...groups.filter((other) => other !== group).map((other) => far(other) / other.length));
      sum += (next - own) / (Math.max(next, own) || 1);
    }
  return sum / Math.max(1, rows);
}

/** For each group the word that stands in most of its texts and in the fewest others; none where no word does. */
export function topicNames(texts: readonly string[], topics: readonly number[]): string[] {
  const words = texts.map((text) => new Set(text.toLowerCase().match(/\p{L}{4,}/gu) ?? []));
  const groups = topics.reduce((most, topic) => Math.max(most, topic + 1), 0);
  return Array.from({ length: groups }, (_, topic) => {
    const scores = new Map<string, number>();
    const inside = topics.filter((one) => one === topic).length;
    const outside = Math.max(1, texts.length - inside);
    for (const [row, found] of words.entries())
      for (const word of found) {
        const gain = topics[row] === topic ? 1 / inside : -1 / outside;
        scores.set(word, (scores.get(word) ?? 0) + gain);
      }
    // Of two that are as good the longer one says more.
    const [best] = [...scores].sort((a, b) => b[1] - a[1] || b[0].length - a[0].length);
    return best && best[1] > 0.4 ? best[0].charAt(0).toUpperCase() + best[0].slice(1) : '';
  });
}
