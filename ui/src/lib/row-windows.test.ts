import { tick } from 'svelte';
import { describe, expect, it } from 'vitest';
import { RowWindows, WINDOW } from './row-windows.svelte';

interface Question {
  from: number;
  answer: () => Promise<void>;
  fail: () => Promise<void>;
}

/** A list of many rows, each of which is its index, that answers when it is told to. */
function slowList(total = 100_000) {
  const open: Question[] = [];
  const asked: number[] = [];
  const list = new RowWindows<number, { total: number }>((from, count) => {
    asked.push(from / WINDOW);
    return new Promise((resolve, reject) => {
      const settle = (settled: () => void) => async () => {
        open.splice(open.indexOf(question), 1);
        settled();
        await tick();
        await tick();
      };
      const rows = Array.from({ length: Math.min(count, total - from) }, (_, at) => from + at);
      const question = {
        from,
        answer: settle(() => resolve({ rows, head: { total } })),
        fail: settle(() => reject(new Error('disk full'))),
      };
      open.push(question);
    });
  });
  /** Draws a view that begins there. */
  const draw = async (top: number) => {
    const rows = Array.from({ length: 40 }, (_, at) => list.rowAt(top + at));
    await tick();
    return rows;
  };
  return { list, open, asked, draw };
}

describe('rows in windows', () => {
  it('shows what is there, and asks for the rest once', async () => {
    const { open, asked, draw } = slowList();
    const across = WINDOW - 20;
    expect(await draw(across)).toEqual(Array.from({ length: 40 }, () => null));
    await draw(across);
    expect(asked).toEqual([1]);
    await open[0]!.answer();
    expect((await draw(across))[39]).toBe(across + 39);
    await open[0]!.answer();
    expect((await draw(across))[0]).toBe(across);
    expect(asked).toEqual([1, 0]);
  });

  it('asks for one window at a time, and not for all that a view flew over', async () => {
    const { open, asked, draw } = slowList();
    for (let top = 0; top < 50_000; top += 1_000) await draw(top);
    expect(asked).toEqual([0]);
    await open[0]!.answer();
    expect(asked).toEqual([0, 49_000 / WINDOW]);
    await open[0]!.answer();
    expect((await draw(49_000))[3]).toBe(49_003);
    expect(open.length).toBe(1);
    expect(asked.length).toBeLessThan(5);
  });

  it('finds what was given up once it is drawn again', async () => {
    const { open, asked, draw } = slowList();
    await draw(0);
    await draw(10_000);
    for (const top of [20_000, 30_000, 40_000]) await draw(top);
    while (open.length > 0) await open[0]!.answer();
    expect(asked).not.toContain(10_000 / WINDOW);
    await draw(10_000);
    await open[0]!.answer();
    expect((await draw(10_000))[0]).toBe(10_000);
  });

  it('takes no answer to an earlier question, and does not wait for it', async () => {
    const { list, open, draw } = slowList();
    await draw(5_000);
    const [old] = open;
    list.begin();
    await draw(5_000);
    expect(open.map(({ from }) => from)).toEqual([5_000, 0, 5_000]);
    await old!.answer();
    expect((await draw(5_000))[0]).toBeNull();
    await open[1]!.answer();
    expect((await draw(5_000))[0]).toBe(5_000);
  });

  it('keeps what was shown until what takes its place is there', async () => {
    const { list, open, draw } = slowList();
    await draw(0);
    await open[0]!.answer();
    list.refresh();
    expect((await draw(0))[7]).toBe(7);
  });

  it('goes on after a window that could not be read', async () => {
    const { list, open, draw } = slowList();
    await draw(0);
    await draw(9_000);
    await open[0]!.fail();
    expect(list.problem).toContain('disk full');
    await open[0]!.answer();
    expect((await draw(9_000))[0]).toBe(9_000);
    expect(list.problem).toBeNull();
  });
});
