/** What a table shows of a text that must not be guessed at: spaces at its edges and line ends are drawn. */
const MOST = 300;
const CONTROL = /[\u0000-\u001f\u007f]/g;

export function visibleText(text: string): string {
  const cut = text.length > MOST ? `${text.slice(0, MOST)}…` : text;
  return cut
    .replace(/^ +| +$/g, (spaces) => '·'.repeat(spaces.length))
    .replace(/\r?\n/g, '⏎')
    .replace(/\t/g, '⇥')
    .replace(CONTROL, (character) =>
      String.fromCodePoint(character === '\u007f' ? 0x2421 : 0x2400 + character.charCodeAt(0)),
    );
}
