/** Characters of a name that is made of a text. */
const LONGEST = 32;

/** The first words of a text, as its name. */
export function excerpt(text: string): string {
  const words = text.trim().split(/\s+/);
  let name = '';
  while (words[0] !== undefined && (name === '' || name.length + words[0].length < LONGEST)) {
    name = `${name} ${words.shift()}`.trim();
  }
  return [...name]
    .slice(0, LONGEST)
    .join('')
    .replace(/[,;:.]$/, '');
}
