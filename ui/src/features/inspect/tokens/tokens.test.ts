import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Token } from '../../../bindings/Token';
import { MemoryHost } from '../../../platform/memory';
import { App } from '../../../state/app.svelte';
import { allActions } from '../../all-actions';
import WithApp from '../../with-app/WithApp.svelte';
import Inspector from '../Inspector.svelte';
import { paragraphsOf } from './chunks';
import { scaleBy } from './scales';
import './TokensTab.svelte';

vi.setConfig({ testTimeout: 30_000 });

const token = (text: string, more: Partial<Token> = {}): Token => ({
  text,
  joined: 1,
  logprob: Math.log(0.8),
  entropy: 0.7,
  event: null,
  at: null,
  ...more,
});

describe('paragraphsOf', () => {
  const words = (count: number, every: number) =>
    Array.from({ length: count }, (_, index) => token(index % every === every - 1 ? '.\n\n' : ` word${index}`));

  it.each([
    [20_000, 25],
    [20_000, 100_000],
    [1, 1],
    [0, 1],
  ])('keeps every token of %d with a line end each %d', (count, every) => {
    const tokens = words(count, every);
    const runs = paragraphsOf(tokens).flatMap((paragraph) => paragraph.runs);
    expect(runs.map((run) => run.text).join('')).toBe(tokens.map(({ text }) => text).join(''));
    let at = 0;
    for (const run of runs) {
      expect(run.from).toBe(at);
      expect(run.to - run.from).toBeLessThanOrEqual(120);
      at = run.to;
    }
    expect(at).toBe(count);
  });

  it('cuts no paragraph where the cut would add a line', () => {
    const tokens = [...words(80, 100), token('\n'), token('\nnext'), token('.\n'), token('last')];
    expect(paragraphsOf(tokens).map(({ runs }) => runs.at(-1)!.text.slice(-5))).toEqual(
      ['ext.\n', 'last'].map((end) => end.slice(-5)),
    );
  });
});

describe('scaleBy', () => {
  const tokens = [
    token('a', { logprob: Math.log(0.95), entropy: 0.1, at: 100 }),
    token('b', { logprob: Math.log(0.2), entropy: 3, at: 120 }),
    token('c', { logprob: null, entropy: null, at: 140 }),
    token('d', { logprob: 0, entropy: 0, at: 940 }),
  ];
  it('colours what is unlikely, open or late, and leaves the unknown alone', () => {
    const steps = (by: Parameters<typeof scaleBy>[0]) => tokens.map((_, index) => scaleBy(by, tokens).step(index));
    expect(steps('probability')).toEqual([0, 4, null, 0]);
    expect(steps('entropy')).toEqual([0, 4, null, 0]);
    expect(steps('arrival')).toEqual([null, 0, 0, 4]);
  });
  it('says the value in words', () => {
    expect(scaleBy('probability', tokens).words(1)).toBe('20.0 %');
    expect(scaleBy('probability', tokens).words(2)).toBe('no log probability');
    expect(scaleBy('entropy', tokens).words(1)).toBe('3.00 bits');
    expect(scaleBy('arrival', tokens).words(3)).toBe('800 ms after the one before');
  });
});

describe('the tokens tab', () => {
  let host: MemoryHost;
  let app: App;

  beforeEach(async () => {
    host = new MemoryHost();
    app = new App(host);
    app.actions.register(allActions(app));
    await app.start();
    await app.runs.showRun('past-1');
  });

  async function open(lane: number): Promise<void> {
    app.comparison.selectLane(app.comparison.comparison.lanes[lane]!.id);
    app.inspector.show('tokens');
    render(WithApp, { app, shows: Inspector });
  }
  const list = () => screen.getByRole('listbox', { name: 'Tokens' });
  const press = async (key: string, element = list()) => {
    await fireEvent.keyDown(element, { key });
    await tick();
  };

  it('is a list that the arrows go through, with alternatives and the way to another word', async () => {
    await open(1);
    await screen.findByRole('listbox', { name: 'Tokens' });
    await press('ArrowRight');
    await press('ArrowRight');
    const chosen = within(list()).getByRole('option', { selected: true });
    expect(chosen.textContent).toBe(' Maren,');
    expect(chosen.getAttribute('aria-label')).toMatch(/^·Maren,, \d+\.\d %$/);
    expect(list().getAttribute('aria-activedescendant')).toBe(chosen.id);
    expect(app.inspector.selectedEvent).toBe(2);
    await waitFor(() => expect(app.inspector.marked?.part).toMatchObject({ start: 2, end: 9 }));
    const others = await screen.findByRole('listbox', { name: 'Alternatives' });
    expect(within(others).getAllByRole('option').length).toBe(5);
    await fireEvent.click(await screen.findByRole('button', { name: /^Continue from “back”$/ }));
    expect(app.comparison.messages.at(-1)?.content).toEqual({ kind: 'text', text: 'Hi back' });
    expect(app.comparison.sharesInput(app.comparison.currentLane)).toBe(false);
  });

  it('lists the least certain and goes to them', async () => {
    await open(1);
    const least = await screen.findByRole('group', { name: 'Least certain tokens' });
    const first = within(least).getAllByRole('button')[0]!;
    await fireEvent.click(first);
    const number = /^Token (\d+)/.exec(first.getAttribute('aria-label')!)![1]!;
    expect(await screen.findByRole('region', { name: `Token ${number}` })).toBeTruthy();
  });

  it('follows a word of the answer that was chosen', async () => {
    await open(1);
    await screen.findByRole('listbox', { name: 'Tokens' });
    app.inspector.selectEvent(12);
    expect(await screen.findByRole('region', { name: 'Token 12' })).toBeTruthy();
  });

  it('says why there are none, and what to do', async () => {
    await open(0);
    expect(await screen.findByText('The request did not ask for log probabilities.')).toBeTruthy();
    await fireEvent.click(screen.getByRole('button', { name: 'Set logprobs on lane A' }));
    expect(app.comparison.value(app.comparison.currentLane, 'logprobs')).toBe('true');
    expect(app.comparison.value(app.comparison.currentLane, 'top_logprobs')).toBe('5');
  });

  it('shows pieces of one character as one', async () => {
    host.tokens = async () => ({
      tokens: [token('a'), token('😀', { joined: 3 }), token('', { joined: 0 }), token('', { joined: 0 }), token('b')],
      absent: null,
      perplexity: 1.25,
      alternatives: 0,
      choices: [0],
    });
    await open(1);
    await screen.findByRole('listbox', { name: 'Tokens' });
    expect(
      within(list())
        .getAllByRole('option')
        .map((option) => option.textContent),
    ).toEqual(['a', '😀', 'b']);
    await press('Home');
    await press('ArrowRight');
    expect(screen.getByText(/3 tokens joined/)).toBeTruthy();
    await press('ArrowRight');
    expect(within(list()).getByRole('option', { selected: true }).textContent).toBe('b');
  });
});
