// Judges of the memory host. They say PASS of what has the first text that their prompt has in quotation marks, and of two
// answers in three where there is no such text.
import type { Cell } from '../../bindings/Cell';
import type { Check } from '../../bindings/Check';
import type { CheckResult } from '../../bindings/CheckResult';
import type { JudgeVerdict } from '../../bindings/JudgeVerdict';

/** Milliseconds between two verdicts. */
const PACE = 20;

interface Asked {
  cell: Cell;
  check: Check;
}

export class MemoryJudges {
  isAsked = false;
  #said = new Map<string, JudgeVerdict[]>();

  #of({ id }: Cell, { rule }: Check): JudgeVerdict[] {
    return this.#said.get(id + JSON.stringify(rule)) ?? [];
  }

  missing(cell: Cell, check: Check): number {
    return check.rule.kind === 'judge' ? check.rule.repeats - this.#of(cell, check).length : 0;
  }

  async ask(asked: readonly Asked[]): Promise<void> {
    this.isAsked = true;
    for (const { cell, check } of asked) {
      await new Promise((resolve) => setTimeout(resolve, PACE));
      if (!this.isAsked || check.rule.kind !== 'judge') break;
      const { rule } = check;
      const verdicts = Array.from({ length: rule.repeats }, (_, at) => verdictOf(cell, rule.prompt, at));
      this.#said.set(cell.id + JSON.stringify(rule), verdicts);
    }
    this.isAsked = false;
  }

  result(cell: Cell, check: Check): CheckResult {
    const verdicts = this.#of(cell, check);
    const result = (state: CheckResult['state'], why: string) => ({
      name: check.name,
      state,
      why,
      places: [],
      verdicts,
    });
    if (verdicts.length === 0) return result('notJudged', 'The judge was not asked yet.');
    const count = (state: CheckResult['state']) => verdicts.filter((verdict) => verdict.state === state).length;
    const [passed, failed] = [count('passed'), count('failed')];
    const why = `Of ${verdicts.length} calls, ${passed} say PASS and ${failed} FAIL. ${verdicts[0]?.said.split('\n')[0] ?? ''}`;
    if (passed * 2 > verdicts.length) return result('passed', why);
    return result(failed * 2 > verdicts.length ? 'failed' : 'cannotTell', why);
  }
}

function verdictOf(cell: Cell, prompt: string, at: number): JudgeVerdict {
  const sought = /["“]([^"”]+)["”]/.exec(prompt.split('<answer>')[0] ?? '')?.[1];
  const letters = [...cell.id].reduce((sum, letter) => sum + letter.charCodeAt(0), at);
  const passes = sought === undefined ? letters % 3 > 0 : (cell.outcome.choices[0]?.text ?? '').includes(sought);
  const said = passes
    ? 'The answer says what was asked for, and nothing that is false.\n\nPASS'
    : 'The answer promises a date that nobody knows, which was not asked for.\n\nFAIL';
  return { run: cell.run, cell: cell.id, state: passes ? 'passed' : 'failed', said };
}
