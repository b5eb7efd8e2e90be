/** When the events of a call arrived, milliseconds since it began; only grows. */
export class Arrivals {
  #times = new Float64Array(256);
  length = 0;

  append(times: readonly number[]): void {
    if (this.length + times.length > this.#times.length) {
      const larger = new Float64Array(Math.max(this.#times.length * 2, this.length + times.length));
      larger.set(this.#times.subarray(0, this.length));
      this.#times = larger;
    }
    this.#times.set(times, this.length);
    this.length += times.length;
  }

  clear(): void {
    this.#times = new Float64Array(256);
    this.length = 0;
  }

  at(index: number): number {
    return this.#times[index]!;
  }

  get first(): number | null {
    return this.length > 0 ? this.#times[0]! : null;
  }

  get last(): number | null {
    return this.length > 0 ? this.#times[this.length - 1]! : null;
  }

  /** A view of what is there now. */
  times(from = 0): Float64Array {
    return this.#times.subarray(from, this.length);
  }
}
