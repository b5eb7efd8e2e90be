/**
 * Offers the measuring module to whoever drives the window: `?bench` in the address of a plain browser starts a run
 * and prints its figures, `#bench` only puts `window.__juxtaBench` there. Costs nothing unless asked for.
 */
import type { App } from '../state/app.svelte';

export interface Bench {
  /** Starts watching frames. */
  start(): void;
  /** Stops watching and returns the figures. */
  stop(): import('./measure').FrameReport & { nodes: number; now: number };
  /** Resolves when no lane runs and all text is painted, with the time of that paint. */
  settled(): Promise<number>;
  run(): Promise<void>;
  characters(): number;
}

declare global {
  interface Window {
    __juxtaBench?: Bench;
  }
}

export function offerBench(app: App): void {
  const open = () => {
    if (location.hash === '#bench' && !window.__juxtaBench) void install(app);
  };
  addEventListener('hashchange', open);
  open();
  if (new URLSearchParams(location.search).has('bench')) void measureFeed(app);
}

async function install(app: App): Promise<Bench> {
  const { FrameMeter, nodeCount, settled } = await import('./measure');
  let meter = new FrameMeter();
  meter.stop();
  const bench: Bench = {
    start: () => (meter = new FrameMeter()),
    stop: () => ({ ...meter.stop(), nodes: nodeCount(), now: performance.now() }),
    settled: () => settled(app.runs),
    run: () => app.runs.start(),
    characters: () => app.runs.cells.reduce((sum, cell) => sum + cell.answer().length, 0),
  };
  window.__juxtaBench = bench;
  return bench;
}

/** One run of the feed, from click to the last paint; the figures go into a `pre` with the id `bench`. */
async function measureFeed(app: App): Promise<void> {
  const { FeedHost } = await import('./feed');
  const { afterPaint, settled, textPainted } = await import('./measure');
  if (!(app.host instanceof FeedHost)) return;
  const bench = await install(app);
  while (app.phase !== 'ready') await afterPaint();
  await new Promise((resolve) => setTimeout(resolve, 400));
  const { host } = app;
  let mostNodes = 0;
  const nodes = setInterval(() => (mostNodes = Math.max(mostNodes, document.getElementsByTagName('*').length)), 250);
  bench.start();
  const clicked = performance.now();
  const running = app.runs.start();
  const firstPaint = textPainted('[role=log] .markdown .block');
  await running;
  const startPaint = await afterPaint();
  const firstText = await firstPaint;
  const painted = await settled(app.runs);
  clearInterval(nodes);
  const figures = bench.stop();
  const report = {
    ...host.feed,
    clickToPaint: Math.round(startPaint - clicked),
    firstTokenLate: Math.round((firstText - host.firstByteAt) * 10) / 10,
    lastPaintLate: Math.round((painted - host.lastByteAt) * 10) / 10,
    wall: Math.round(painted - host.firstByteAt),
    characters: bench.characters(),
    expected: host.characters,
    ...figures,
    mostNodes,
  };
  const pre = document.createElement('pre');
  pre.id = 'bench';
  pre.hidden = true;
  pre.textContent = JSON.stringify(report);
  document.body.append(pre);
}
