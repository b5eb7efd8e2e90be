/**
 * Text that only grows. Appending costs the same however long it is, and a reader who remembers how far it got copies
 * only what is new. Lives outside framework state: a proxy around it would cost more than the text.
 */
export class ChunkedText {
  #chunks: string[] = [];
  #starts: number[] = [];
  length = 0;

  constructor(text = '') {
    this.append(text);
  }

  append(text: string): void {
    if (text === '') return;
    this.#starts.push(this.length);
    this.#chunks.push(text);
    this.length += text.length;
  }

  /** Up to `limit` characters from `offset` (UTF-16 units, as `length` counts). */
  from(offset: number, limit = Infinity): string {
    if (offset >= this.length) return '';
    let index = this.#chunks.length - 1;
    while (index > 0 && this.#starts[index]! > offset) index -= 1;
    let text = this.#chunks[index]!.slice(offset - this.#starts[index]!);
    while (++index < this.#chunks.length && text.length < limit) text += this.#chunks[index]!;
    return text.length > limit ? text.slice(0, limit) : text;
  }

  /** The whole text; joins the chunks, so that the next reader finds one. */
  toString(): string {
    if (this.#chunks.length > 1) {
      this.#chunks = [this.#chunks.join('')];
      this.#starts = [0];
    }
    return this.#chunks[0] ?? '';
  }
}
