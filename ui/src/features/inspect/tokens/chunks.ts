/**
 * Tokens in paragraphs, and paragraphs in runs that are drawn token by token only where they can be seen. A run that is
 * not is one text, which takes the same room.
 */
import type { Token } from '../../../bindings/Token';

export interface TokenRun {
  from: number;
  to: number;
  text: string;
}
export interface Paragraph {
  runs: TokenRun[];
}

/** Tokens of one run. */
const RUN = 60;
/** A paragraph with fewer goes on after a line end. */
const PARAGRAPH = 40;

export function paragraphsOf(tokens: readonly Token[]): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let runs: TokenRun[] = [];
  let count = 0;
  let run: TokenRun = { from: 0, to: 0, text: '' };
  const endRun = (at: number) => {
    if (run.to > run.from) runs.push(run);
    run = { from: at, to: at, text: '' };
  };
  for (const [index, token] of tokens.entries()) {
    run.text += token.text;
    run.to = index + 1;
    count += 1;
    // A line end at the very end of a paragraph takes no room, so that cutting after one changes nothing.
    const cut = count >= PARAGRAPH && token.text.endsWith('\n') && tokens[index + 1]?.text.startsWith('\n') === false;
    if (cut || run.to - run.from >= RUN) endRun(index + 1);
    if (!cut) continue;
    paragraphs.push({ runs });
    runs = [];
    count = 0;
  }
  endRun(tokens.length);
  if (runs.length > 0) paragraphs.push({ runs });
  return paragraphs;
}
