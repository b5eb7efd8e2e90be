/** Markdown with code, tables, lists and long parts, made from a seed: for tests and for measuring. */
const WORDS =
  'the light stopped charging after seven weeks so a refund is yours if you prefer it to a replacement and we answer within one day'.split(
    ' ',
  );

export function seeded(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function sentence(random: () => number, words: number): string {
  const text = Array.from({ length: words }, () => WORDS[Math.floor(random() * WORDS.length)]!).join(' ');
  return text[0]!.toUpperCase() + text.slice(1) + '.';
}

function paragraph(random: () => number): string {
  return `${sentence(random, 14)} **${sentence(random, 3)}** ${sentence(random, 12)} Call \`charge_battery()\` and _wait_. ${sentence(random, 10)}`;
}

function table(random: () => number): string {
  const rows = Array.from(
    { length: 6 + Math.floor(random() * 8) },
    (_, row) => `| ${row + 1} | ${sentence(random, 3)} | ${Math.floor(random() * 1000)} |`,
  );
  return ['| No | What | Count |', '|---:|---|---:|', ...rows].join('\n');
}

function program(random: () => number): string {
  const lines = Array.from({ length: 10 + Math.floor(random() * 25) }, (_, line) =>
    line % 5 === 0
      ? `def step_${line}(value):`
      : `    total = value * ${line} + len("${WORDS[line % WORDS.length]}")  # ${sentence(random, 3)}`,
  );
  return ['```python', ...lines, '```'].join('\n');
}

function list(random: () => number): string {
  return Array.from(
    { length: 3 + Math.floor(random() * 6) },
    (_, item) => `${item % 3 === 2 ? '   - ' : `${item + 1}. `}${sentence(random, 8)}`,
  ).join('\n');
}

/** About `length` characters. */
export function sampleMarkdown(length: number, seed = 7): string {
  const random = seeded(seed);
  const makers = [paragraph, paragraph, list, program, paragraph, table, () => `> ${sentence(random, 16)}`];
  let text = '';
  for (let part = 0; text.length < length; part += 1) {
    if (part % makers.length === 0) text += `## ${sentence(random, 4)}\n\n`;
    text += makers[part % makers.length]!(random) + '\n\n';
  }
  return text.slice(0, length);
}
