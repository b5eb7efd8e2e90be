// The part of the memory host that knows checks and what repeats say together. It judges the simplest rules, and says of
// the others that it cannot tell; intervals are those of the engine, so that pictures are believable.
import type { Cell } from '../../bindings/Cell';
import type { Check } from '../../bindings/Check';
import type { CheckResult } from '../../bindings/CheckResult';
import type { Figures } from '../../bindings/Figures';
import type { Interval } from '../../bindings/Interval';
import type { LaneRepeats } from '../../bindings/LaneRepeats';
import type { PassRate } from '../../bindings/PassRate';
import type { Host } from '../host';
import type { MemoryHost } from '../memory';
import { MemoryJudges } from './judges';

/** Normal quantile of 97.5 %, and of 80 %. */
const Z = 1.959963984540054;
const POWER = 0.8416212335729143;

export function wilson(passed: number, total: number): Interval | null {
  if (total === 0) return null;
  const rate = passed / total;
  const square = (Z * Z) / total;
  const centre = (rate + square / 2) / (1 + square);
  const half = (Z / (1 + square)) * Math.sqrt((rate * (1 - rate)) / total + (Z * Z) / (4 * total * total));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

export function against(own: PassRate, base: PassRate): PassRate['against'] {
  if (!own.interval || !base.interval) return null;
  const [rate, was] = [own.passed / own.total, base.passed / base.total];
  const difference = rate - was;
  const spread = (up: number, down: number) => Math.sqrt(up * up + down * down);
  const low = difference - spread(rate - own.interval.low, base.interval.high - was);
  const high = difference + spread(own.interval.high - rate, was - base.interval.low);
  const mean = (rate + was) / 2;
  const effort = Z * Math.sqrt(2 * mean * (1 - mean)) + POWER * Math.sqrt(rate * (1 - rate) + was * (1 - was));
  return {
    difference,
    interval: { low, high },
    verdict: low > 0 ? 'better' : high < 0 ? 'worse' : 'cannotTell',
    repeatsToTell: difference === 0 ? null : Math.ceil((effort / difference) ** 2),
  };
}

/** What a check looks at. */
export interface Judged {
  kind: Cell['state']['kind'];
  text: string;
  timeToFirstToken: number | null;
  total: number | null;
}

const judgedOf = ({ state, outcome, metrics, milestones }: Cell): Judged => ({
  kind: state.kind,
  text: outcome.choices[0]?.text ?? '',
  timeToFirstToken: metrics.timeToFirstToken,
  total: milestones.end,
});

export function judged({ kind, text, timeToFirstToken, total }: Judged, { name, rule }: Check): CheckResult {
  const result = (state: CheckResult['state'], why: string, places: CheckResult['places'] = []) => ({
    name,
    state,
    why,
    places,
    verdicts: [],
  });
  if (kind !== 'finished' && kind !== 'failed' && kind !== 'endedEarly') return result('notJudged', 'It is not over.');
  if (kind !== 'finished') return result('failed', 'The call failed.');
  const found = (places: CheckResult['places'], not: boolean, what: string) =>
    result(
      places.length > 0 === not ? 'failed' : 'passed',
      places.length > 0 ? `${what} is there.` : `${what} is not there.`,
      places,
    );
  switch (rule.kind) {
    case 'contains':
    case 'regex': {
      const pattern = rule.kind === 'regex' ? rule.pattern : rule.text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      const places = [...text.matchAll(new RegExp(pattern, rule.ignoreCase ? 'giu' : 'gu'))].map((match) => ({
        choice: 0,
        from: match.index,
        to: match.index + match[0].length,
      }));
      return found(places, rule.not, `“${rule.kind === 'regex' ? rule.pattern : rule.text}”`);
    }
    case 'length': {
      const length = rule.unit === 'words' ? text.split(/\s+/).filter(Boolean).length : [...text].length;
      const isWithin = length >= (rule.least ?? 0) && length <= (rule.most ?? Infinity);
      return result(isWithin ? 'passed' : 'failed', `It has ${length} ${rule.unit}.`);
    }
    case 'latency': {
      const time = rule.what === 'total' ? total : timeToFirstToken;
      if (time === null) return result('cannotTell', 'The time is not known.');
      return result(time <= rule.most ? 'passed' : 'failed', `It took ${Math.round(time)} ms.`);
    }
    default:
      return result('cannotTell', 'This host does not know the rule.');
  }
}

function figures(cells: readonly Cell[], of: (cell: Cell) => number | null): Figures {
  const values = cells.flatMap((cell) => {
    const value = of(cell);
    return value === null ? [] : [{ cell: cell.id, repeat: cell.repeat, value }];
  });
  const sorted = values.map(({ value }) => value).sort((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
  const [median, low, high] = [at(0.5), at(0.35), at(0.65)];
  return { values, median, interval: low === null || high === null ? null : { low, high } };
}

type RepeatsHost = Pick<Host, 'repeats' | 'checkCell' | 'sameRuns' | 'countJudges' | 'askJudges' | 'stopJudges'>;

export function repeatsHost(host: MemoryHost): RepeatsHost {
  const judges = new MemoryJudges();

  const checksOf = (run: string, given: readonly Check[] | null = null): Check[] => {
    const draft = host.runs.get(run)?.snapshot.draft;
    const filled = (text: string) =>
      text.replace(
        /\{\{(\w+)\}\}/g,
        (whole, name: string) => draft?.variables.find((one) => one.name === name)?.value ?? whole,
      );
    return (given ?? draft?.checks ?? []).map(({ name, rule }) => ({
      name,
      rule: rule.kind === 'contains' ? { ...rule, text: filled(rule.text) } : rule,
    }));
  };

  async function newest(run: string): Promise<Cell[]> {
    const cells = host.runs.get(run)?.cells ?? [];
    return Promise.all(cells.filter(({ step }) => step === 0).map(async ({ id }) => (await host.openCell(id)).cell));
  }

  const resultOf = (cell: Cell, check: Check) =>
    check.rule.kind === 'judge' && cell.state.kind === 'finished'
      ? judges.result(cell, check)
      : judged(judgedOf(cell), check);

  /** Answers with the judges that are still to be asked about them. */
  async function unasked(runs: readonly string[], given: readonly Check[] | null) {
    const asked = await Promise.all(
      runs.map(async (run) => {
        const cells = (await newest(run)).filter(({ state }) => state.kind === 'finished');
        return cells.flatMap((cell) => checksOf(run, given).map((check) => ({ cell, check })));
      }),
    );
    return asked.flat().filter(({ cell, check }) => judges.missing(cell, check) > 0);
  }

  return {
    async checkCell(id, given) {
      const { cell } = await host.openCell(id);
      return checksOf(cell.run, given).map((check) => resultOf(cell, check));
    },

    async sameRuns(run) {
      const of = host.runs.get(run)?.snapshot;
      const others = [...host.runs.values()].filter(
        ({ summary, snapshot }) =>
          summary.id !== run &&
          snapshot.id === of?.id &&
          JSON.stringify([snapshot.draft.messages, snapshot.draft.parameters, snapshot.lanes]) ===
            JSON.stringify([of.draft.messages, of.draft.parameters, of.lanes]),
      );
      return others.map(({ summary }) => summary).reverse();
    },

    async countJudges(runs, given) {
      const left = await unasked(runs, given);
      return {
        answers: new Set(left.map(({ cell }) => cell.id)).size,
        calls: left.reduce((sum, { cell, check }) => sum + judges.missing(cell, check), 0),
        tokensIn: left.length * 220,
        costIn: left.length * 0.0001,
        currency: 'USD',
        running: judges.isAsked,
      };
    },

    async askJudges(runs, given) {
      await judges.ask(await unasked(runs, given));
    },

    async stopJudges() {
      judges.isAsked = false;
    },

    async repeats(runs, base, given) {
      const checks = checksOf(runs[0] ?? '', given);
      const cells = (await Promise.all(runs.map(newest))).flat();
      const lanes = [...new Set(cells.map(({ lane }) => lane))].map((lane): LaneRepeats => {
        const own = cells.filter((cell) => cell.lane === lane);
        const count = (...kinds: string[]) => own.filter(({ state }) => kinds.includes(state.kind)).length;
        const finished = own.filter(({ state }) => state.kind === 'finished');
        const results = own.map((cell) => checks.map((check) => resultOf(cell, check).state));
        const rate = (states: CheckResult['state'][]): PassRate => {
          const total = states.filter((state) => state === 'passed' || state === 'failed').length;
          const passed = states.filter((state) => state === 'passed').length;
          return { passed, total, interval: wilson(passed, total), against: null };
        };
        const whole = results.map((states): CheckResult['state'] =>
          states.includes('notJudged')
            ? 'notJudged'
            : states.every((state) => state === 'passed')
              ? 'passed'
              : 'failed',
        );
        const all = checks.length > 0 ? rate(whole) : null;
        const share = all && all.total > 0 ? all.passed / all.total : 0;
        const [counted, passed] = [all?.total ?? 0, all?.passed ?? 0];
        return {
          lane,
          laneIndex: own[0]!.laneIndex,
          counts: {
            finished: finished.length,
            failed: count('failed', 'endedEarly'),
            stopped: count('stopped', 'interrupted'),
            running: count('queued', 'waiting', 'streaming', 'retrying'),
          },
          checks: checks.map((_, at) => rate(results.map((states) => states[at]!))),
          all,
          passAt: [1, 2, 5, 10]
            .filter((k) => all !== null && k <= counted)
            .map((k) => ({ k, any: 1 - none(counted - passed, counted, k), all: share ** k })),
          distinct: new Set(finished.map(({ outcome }) => outcome.choices[0]?.text)).size,
          timeToFirstToken: figures(finished, ({ metrics }) => metrics.timeToFirstToken),
          total: figures(finished, ({ milestones }) => milestones.end),
          tokensPerSecond: figures(finished, ({ metrics }) => metrics.tokensPerSecond),
          tokens: figures(finished, ({ metrics }) => metrics.visibleTokens),
          cost: figures(finished, ({ metrics }) => metrics.cost?.amount ?? null),
          currency: finished.find(({ metrics }) => metrics.cost)?.metrics.cost?.currency ?? null,
        };
      });
      const was = lanes.find(({ lane }) => lane === base);
      for (const lane of lanes) {
        if (!was || lane === was) continue;
        if (lane.all && was.all) lane.all.against = against(lane.all, was.all);
        lane.checks.forEach((rate, at) => (rate.against = against(rate, was.checks[at]!)));
      }
      return { runs: [...runs], base, checks: checks.map(({ name }) => name), lanes };
    },
  };
}

/** The chance that none of `k` drawn passed. */
function none(failed: number, total: number, k: number): number {
  let chance = 1;
  for (let at = 0; at < k; at += 1) chance *= Math.max(0, failed - at) / (total - at);
  return chance;
}
