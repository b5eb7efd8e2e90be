// The part of the memory host that serves replays: the recorded events once more, in time or as they are asked for.
import type { Cell } from '../../bindings/Cell';
import type { CellState } from '../../bindings/CellState';
import type { CellUpdate } from '../../bindings/CellUpdate';
import type { ReplayPace } from '../../bindings/ReplayPace';
import type { Host } from '../host';
import type { MemoryHost } from '../memory';
import { recordedEvents, type RecordedEvent } from './recorded';

export type ReplayHost = Pick<Host, 'startReplay' | 'controlReplay' | 'serveReplay'>;

interface Playing {
  cell: Cell;
  head: Cell;
  events: RecordedEvent[];
  next: number;
  pace: ReplayPace;
  paused: boolean;
  sequence: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export function replayHost(host: MemoryHost): ReplayHost {
  const playing = new Map<string, Playing>();

  const position = ({ events, next }: Playing): number => events[next - 1]?.at ?? 0;

  function state(play: Playing): CellState {
    const { pace, paused, events } = play;
    return { kind: 'replaying', pace, paused, position: position(play), length: events.at(-1)?.at ?? 0 };
  }

  function tell(play: Playing, update: Partial<CellUpdate>): void {
    play.sequence += 1;
    host.send([{ cell: play.cell.id, run: play.cell.run, sequence: play.sequence, ...update }]);
  }

  function tellState(play: Playing): void {
    play.head = { ...play.head, state: state(play) };
    tell(play, { cellHead: play.head });
  }

  function playUpTo(play: Playing, end: number): void {
    const due = play.events.slice(play.next, end);
    play.next += due.length;
    const appends = due.flatMap((event) => event.appends);
    if (due.length > 0) tell(play, { appends, arrivals: due.map(({ at }) => at) });
    if (play.next < play.events.length) return;
    playing.delete(play.cell.id);
    const choices = play.cell.outcome.choices.map((choice) => ({
      ...choice,
      text: '',
      reasoning: '',
      toolCalls: [],
      item: null,
    }));
    tell(play, { cellHead: { ...play.cell, outcome: { ...play.cell.outcome, choices }, arrivals: [] } });
  }

  function goOn(play: Playing): void {
    clearTimeout(play.timer);
    const { pace, paused, events, next } = play;
    if (pace.kind === 'atOnce') return playUpTo(play, events.length);
    if (pace.kind === 'step' || paused || next >= events.length) return;
    const wait = (events[next]!.at - position(play)) / pace.factor;
    play.timer = setTimeout(() => {
      playUpTo(play, play.next + 1);
      if (playing.get(play.cell.id) === play) goOn(play);
    }, wait);
  }

  return {
    async startReplay(id, pace) {
      const { cell } = await host.openCell(id);
      clearTimeout(playing.get(id)?.timer);
      const { metrics, milestones, outcome } = cell;
      const none = <T extends object>(of: T) =>
        Object.fromEntries(Object.keys(of).map((key) => [key, key === 'estimated' ? false : null])) as T;
      const play: Playing = {
        cell,
        head: {
          ...cell,
          outcome: { ...outcome, choices: [], usage: null },
          metrics: none(metrics),
          milestones: none(milestones),
          error: null,
          arrivals: [],
        },
        events: recordedEvents(cell),
        next: 0,
        pace,
        paused: pace.kind === 'step',
        sequence: 0,
        timer: undefined,
      };
      play.head = { ...play.head, state: state(play) };
      playing.set(id, play);
      // The first event comes after the answer to this call, as it does over the real seam.
      play.timer = setTimeout(() => goOn(play));
      return { cell: structuredClone(play.head), sequence: 0 };
    },
    async controlReplay(id, control) {
      const play = playing.get(id);
      if (!play) return;
      if (control === 'finish') play.pace = { kind: 'atOnce' };
      if (control === 'resume' && play.pace.kind === 'step') play.pace = { kind: 'times', factor: 1 };
      play.paused = control === 'pause' || control === 'step';
      clearTimeout(play.timer);
      if (control === 'step') playUpTo(play, play.next + 1);
      if (playing.get(id) !== play) return;
      tellState(play);
      goOn(play);
    },
    async serveReplay(id, factor) {
      const { cell } = await host.openCell(id);
      const url = `http://127.0.0.1:41235/${factor}/${cell.id}/v1/chat/completions`;
      return { url, curl: `curl -N ${url}` };
    },
  };
}
