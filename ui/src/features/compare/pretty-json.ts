/**
 * Lays JSON out without reading it as values: numbers and strings keep their spelling, keys their order. Text that is
 * no JSON comes back as it is.
 */
export function pretty(source: string): string {
  let out = '';
  let depth = 0;
  let index = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  while (index < source.length) {
    const character = source[index]!;
    if (character === '"') {
      const end = endOfString(source, index);
      out += source.slice(index, end);
      index = end;
      continue;
    }
    index += 1;
    if (/\s/.test(character)) continue;
    if (character === '{' || character === '[') {
      const close = character === '{' ? '}' : ']';
      const rest = /^\s*/.exec(source.slice(index, index + 64))![0].length;
      if (source[index + rest] === close) {
        out += character + close;
        index += rest + 1;
        continue;
      }
      depth += 1;
      out += character + line();
    } else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth < 0) return source;
      out += line() + character;
    } else if (character === ',') out += character + line();
    else if (character === ':') out += ': ';
    else out += character;
  }
  return depth === 0 ? out : source;
}

function endOfString(source: string, start: number): number {
  let index = start + 1;
  while (index < source.length && source[index] !== '"') index += source[index] === '\\' ? 2 : 1;
  return Math.min(source.length, index + 1);
}
