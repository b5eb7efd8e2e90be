// What the engine makes of the values of each parameter apart from the others: of a plan in which one cannot be read it
// lays out only the rest, so the plan as a whole does not say which values are whose.
import type { MatrixAxis } from '../../bindings/MatrixAxis';
import type { MatrixPlan } from '../../bindings/MatrixPlan';
import type { Host } from '../../platform/host';

export interface AxisReading {
  parameter: string;
  /** The different values as they are going to be sent: JSON text, `null` where the key is not. */
  values: readonly (string | null)[];
  /** Why they cannot be read. */
  problem: string | null;
}

export class AxisReadings {
  /** Those that were asked for last, by what was asked. */
  #known = new Map<string, Promise<AxisReading>>();

  constructor(private readonly host: Pick<Host, 'countMatrix'>) {}

  of(plan: MatrixPlan): Promise<AxisReading[]> {
    const before = this.#known;
    this.#known = new Map();
    return Promise.all(
      plan.axes.map((axis, at) => {
        const parameter = axis.parameter.trim();
        if (plan.axes.slice(0, at).some((other) => other.parameter.trim() === parameter && parameter !== ''))
          return { parameter: axis.parameter, values: [], problem: `${parameter} is varied above already` };
        const asked = alone(plan, [axis]);
        const key = JSON.stringify([
          asked.comparison.lanes.map(({ connection, endpoint }) => [connection, endpoint]),
          axis,
        ]);
        const reading = before.get(key) ?? this.#read(plan, axis);
        this.#known.set(key, reading);
        return reading;
      }),
    );
  }

  async #read(plan: MatrixPlan, axis: MatrixAxis): Promise<AxisReading> {
    const [counted, without] = await Promise.all([
      this.host.countMatrix(alone(plan, [axis])),
      this.host.countMatrix(alone(plan, [])),
    ]);
    const { parameter } = axis;
    if (counted.variants[0]?.values.length === 1) {
      const values = new Set(counted.variants.map((variant) => variant.values[0] ?? null));
      return { parameter, values: [...values], problem: null };
    }
    const own = counted.problems.find((problem) => !without.problems.includes(problem));
    return { parameter, values: [], problem: own ?? null };
  }
}

/** A plan of which nothing is left but its models and these parameters. */
function alone(plan: MatrixPlan, axes: MatrixAxis[]): MatrixPlan {
  const { draft, lanes } = plan.comparison;
  const taken = lanes.filter(({ muted }) => !muted);
  return {
    ...plan,
    axes,
    prompts: [],
    rows: { kind: 'all' },
    comparison: {
      ...plan.comparison,
      repeats: 1,
      draft: { ...draft, messages: [], dataset: null, checks: [] },
      lanes: (taken.length > 0 ? taken : lanes).map((lane) => ({
        ...lane,
        muted: false,
        forkedMessages: null,
        // A body by hand takes no values, which is said of the whole plan.
        rawBody: null,
      })),
    },
  };
}
