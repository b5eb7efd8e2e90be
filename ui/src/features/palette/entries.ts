import { moment, plural } from '../../lib/format';
import type { App } from '../../state/app.svelte';
import type { Entry } from './search';

function commands(app: App): Entry[] {
  return app.actions.all
    .filter((action) => app.actions.isVisible(action) && !action.id.startsWith('palette.'))
    .map((action) => ({
      id: action.id,
      group: 'Commands',
      icon: 'right',
      text: action.title,
      keys: app.actions.keysFor(action.id),
      disabledReason: action.disabledReason?.() ?? null,
      run: () => void app.actions.run(action.id),
    }));
}

function parameters(app: App): Entry[] {
  const { comparison } = app;
  if (app.section !== 'compare' || !comparison.isOpen) return [];
  const current = comparison.currentLane;
  const others = comparison.comparison.lanes.map(({ id }) => id).filter((id) => id !== current);
  const entries: Entry[] = [];
  for (const lane of [current, ...others]) {
    const where = `in lane ${comparison.letterOf(lane)}`;
    const table = comparison.table(lane).parameters;
    for (const { name } of table) {
      const value = comparison.value(lane, name);
      // Other lanes show only what they set: the same row twelve times helps nobody.
      if (lane !== current && value === null) continue;
      const bad = value !== null && (comparison.problem(lane, name) ?? comparison.serverProblem(lane, name)) !== null;
      entries.push({
        id: `parameter:${lane}:${name}`,
        group: 'Parameters',
        icon: 'settings',
        text: name,
        detail: where,
        value: value ?? 'unset',
        bad,
        run: () => comparison.focusParameter(lane, name),
      });
    }
    for (const name of comparison.modified(lane)) {
      const base = comparison.baseValue(name);
      entries.push({
        id: `reset:${lane}:${name}`,
        group: 'Parameters',
        icon: 'reset',
        text: `Reset ${name} ${where} to ${base ?? 'unset'}`,
        run: () => comparison.resetParameter(lane, name),
      });
    }
  }
  return entries;
}

function comparisons(app: App): Entry[] {
  return app.comparisons.map((row) => ({
    id: `comparison:${row.id}`,
    group: 'Comparisons',
    icon: 'file',
    text: row.name,
    note: plural(row.lanes, 'lane'),
    run: () => app.openComparison(row.id),
  }));
}

function runs(app: App): Entry[] {
  const now = Date.now();
  return app.recentRuns.map((run) => ({
    id: `run:${run.id}`,
    group: 'Runs',
    icon: 'history',
    text: run.name,
    detail: moment(run.startedAt, now),
    note: plural(run.lanes, 'lane'),
    run: () => app.openRun(run.id),
  }));
}

function models(app: App): Entry[] {
  const { comparison } = app;
  if (app.section !== 'compare' || !comparison.isOpen) return [];
  const lane = comparison.currentLane;
  return Object.entries(app.knownModels).flatMap(([connection, list]) =>
    list.map(({ id }): Entry => ({
      id: `model:${connection}:${id}`,
      group: 'Models',
      icon: 'target',
      text: id,
      detail: `${app.connections.find((known) => known.id === connection)?.name ?? ''}, for lane ${comparison.letterOf(lane)}`,
      run: () => comparison.setConnection(lane, connection, id),
    })),
  );
}

/** Everything that can be found, in the order of its groups. */
export function entries(app: App): Entry[] {
  return [parameters, commands, comparisons, runs, models].flatMap((list) => list(app));
}
