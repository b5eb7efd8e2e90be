/** One edit of a text, so that it can be taken back. */
interface Step {
  at: number;
  removed: string;
  inserted: string;
  /** Length of the text after it: a text of another length was changed by somebody else. */
  length: number;
  /** Edits of one key that follow each other are one step. */
  key: string | null;
  before: string;
  after: string;
}

const MOST = 200;

/** What was done to a text. It keeps what changed and not the whole texts. */
export class TextHistory {
  #done: Step[] = [];
  #undone: Step[] = [];

  /** Notes an edit; `before` and `after` say what was selected. */
  push(from: string, to: string, key: string | null, before: string, after: string): void {
    this.#undone = [];
    const last = this.#done.at(-1);
    const follows = key !== null && last?.key === key && last.length === from.length;
    const start = follows ? revert(from, last) : from;
    if (follows) this.#done.pop();
    this.#done.push({
      ...difference(start, to),
      length: to.length,
      key,
      before: follows ? last.before : before,
      after,
    });
    if (this.#done.length > MOST) this.#done.shift();
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  undo(text: string): { text: string; selected: string } | null {
    const step = this.#done.pop();
    if (!step || !fits(text, step)) {
      this.clear();
      return null;
    }
    this.#undone.push(step);
    return { text: revert(text, step), selected: step.before };
  }

  redo(text: string): { text: string; selected: string } | null {
    const step = this.#undone.pop();
    if (!step || text.slice(step.at, step.at + step.removed.length) !== step.removed) {
      this.clear();
      return null;
    }
    this.#done.push({ ...step, key: null });
    const next = text.slice(0, step.at) + step.inserted + text.slice(step.at + step.removed.length);
    return { text: next, selected: step.after };
  }

  clear(): void {
    this.#done = [];
    this.#undone = [];
  }
}

function fits(text: string, step: Step): boolean {
  return text.length === step.length && text.slice(step.at, step.at + step.inserted.length) === step.inserted;
}

function revert(text: string, step: Step): string {
  return text.slice(0, step.at) + step.removed + text.slice(step.at + step.inserted.length);
}

function difference(from: string, to: string): Pick<Step, 'at' | 'removed' | 'inserted'> {
  const most = Math.min(from.length, to.length);
  let at = 0;
  while (at < most && from.charCodeAt(at) === to.charCodeAt(at)) at += 1;
  let end = 0;
  while (end < most - at && from.charCodeAt(from.length - 1 - end) === to.charCodeAt(to.length - 1 - end)) end += 1;
  return { at, removed: from.slice(at, from.length - end), inserted: to.slice(at, to.length - end) };
}
