import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Append } from '../../bindings/Append';
import type { Cell } from '../../bindings/Cell';
import { MemoryHost } from '../../platform/memory';
import { choiceOf, pieces } from '../../platform/memory/items';
import { picture } from '../../platform/memory/picture';
import { emptyCell } from '../../platform/memory/run';
import { sample, samples, unknownSample, valueSample, type Sample } from '../../platform/memory/samples';
import { connections, refundReply } from '../../platform/memory/data';
import { App } from '../../state/app.svelte';
import { LiveCell, type LiveChoice } from '../../state/runs/live-cell.svelte';
import { painter } from '../../state/runs/painter';
import CardsInApp from './CardsInApp.svelte';
import { KINDS } from './kinds';

let app: App;
let host: MemoryHost;

beforeEach(async () => {
  host = new MemoryHost();
  app = new App(host);
  await app.start();
});

function cellOf(of: readonly Sample[], state: Cell['state'] = { kind: 'finished' }): Cell {
  const cell = emptyCell('cell-1', 'run-1', refundReply, 0, 0, connections[0]!);
  cell.endpoint = 'responses';
  cell.state = state;
  cell.outcome.choices = of.map((one, index) => choiceOf(index, one));
  return cell;
}

async function show(cell: Cell | LiveCell, onlink: (address: string) => void = () => undefined) {
  const shown = render(CardsInApp, { app, cell, onlink });
  await tick();
  painter.paint();
  await tick();
  return shown;
}

const card = (type: string) => document.querySelector<HTMLElement>(`[data-item="${type}"]`)!;

/** Kind, its title, and what somebody who reads the answer must see of it. */
const SHOWN: [type: string, title: string, ...words: string[]][] = [
  ['message', 'Message', 'Nordlys rear light', 'Warranty of Nordlys lights', 'warranty-2026.pdf'],
  ['file_search_call', 'File search', 'refund “seven weeks”', 'warranty-2026.pdf', '0.9312', '24 months'],
  ['function_call', 'Function call', 'find_order', 'call_9fK2', '"limit": 1.0'],
  ['function_call_output', 'Function result', '"price": 49.9'],
  ['web_search_call', 'Web search', 'bicycle light warranty EU', 'https://europa.example/consumer/guarantees'],
  ['computer_call', 'Computer use', 'click 412, 96', 'type "NL-20418"', 'keypress CTRL + L', 'asks for a password'],
  ['computer_call_output', 'Screenshot', 'asks for a password', 'call_cu1'],
  ['reasoning', 'Reasoning', 'Thinking', 'Encrypted (18 bytes)'],
  ['tool_search_call', 'Tool search', 'server', '"query": "orders"'],
  ['tool_search_output', 'Tools found', 'find_order', 'shop'],
  ['compaction', 'Context compacted', '12 encrypted bytes'],
  ['image_generation_call', 'Image', 'A rear light at dusk, drawn flat', '144x96', 'low'],
  [
    'code_interpreter_call',
    'Code interpreter',
    'print(weeks / 52 < 2)',
    'True',
    'https://files.example/plot.png',
    'cntr_77',
  ],
  ['local_shell_call', 'Local shell', "grep -rn 'two years' docs/warranty.md", '/shop', '5000', 'runs no commands'],
  ['local_shell_call_output', 'Local shell result', '"exit_code": 0'],
  ['shell_call', 'Shell', 'cat orders/NL-20418.json', '4096', 'runs no commands'],
  ['shell_call_output', 'Shell result', 'NL-20418.json', 'permission denied', 'Exit code 1', 'Timed out'],
  ['apply_patch_call', 'Change file', 'src/warranty.ts', '-  years: 1,', '+  refund: true,', 'changes no files'],
  ['apply_patch_call_output', 'Patch result', 'failed', 'Hunk 1 does not apply'],
  ['mcp_call', 'MCP call', 'shop / refund', '"amount": 49.9', 'mcp_tool_execution_error: The till is closed.'],
  ['mcp_list_tools', 'MCP tools', 'shop', 'find_order', 'Finds an order by its number.', 'refund'],
  ['mcp_approval_request', 'Approval asked', 'shop', 'refund', '"order": "NL-20418"', 'mcp_approval_response'],
  ['mcp_approval_response', 'Not approved', 'The amount is too high.', 'ma_01'],
  ['custom_tool_call', 'Custom tool call', 'sql', "WHERE id = 'NL-20418'", 'call_ct1'],
  ['custom_tool_call_output', 'Custom tool result', 'one row', 'call_ct1'],
];

describe('the card of an output item', () => {
  it('is there for each of the 25 kinds', () => {
    expect(SHOWN.map(([type]) => type)).toEqual(samples().map(({ item }) => item.type));
    expect(SHOWN).toHaveLength(25);
    for (const [type] of SHOWN) expect(KINDS[type], type).toBeDefined();
  });

  it.each(SHOWN)('of %s says %s and what matters', async (type, title, ...words) => {
    await show(cellOf([sample(type)]));
    expect(card(type).getAttribute('aria-label')).toMatch(new RegExp(`^${title}`));
    for (const word of words) expect(card(type).textContent).toContain(word);
  });

  it('of a kind that nobody documented shows its type, its status and its JSON', async () => {
    await show(cellOf([unknownSample]));
    expect(card('program').textContent).toMatch(/program.*incomplete.*"code": "return 7"/s);
  });

  it.each(samples().map(({ item }) => item.type))(
    'of %s holds when members are missing or of another form',
    async (type) => {
      const odd = Object.fromEntries(
        Object.keys(sample(type).item).map((name, index) => [name, [null, 7, 'x', [1], { a: [] }][index % 5]]),
      );
      await show(
        cellOf([
          { item: { type } },
          { item: { ...odd, type } },
          { item: { ...sample(type).item, status: 'vanished' } },
        ]),
      );
      expect(document.querySelectorAll(`[data-item="${type}"]`)).toHaveLength(3);
      expect(document.body.textContent).toContain('vanished');
    },
  );

  it('names how it stands when it is not complete', async () => {
    await show(
      cellOf(
        ['queued', 'searching', 'incomplete', 'failed', 'completed'].map((status) => ({
          item: { type: 'web_search_call', status },
        })),
      ),
    );
    const chips = [...document.querySelectorAll('.chip')].map(({ textContent }) => textContent?.trim());
    expect(chips).toEqual(['queued', 'searching', 'incomplete', 'failed']);
  });

  it('shows its JSON when asked, with every number as it was spelled', async () => {
    const item = {
      type: 'web_search_call',
      id: null,
      status: null,
      json: '{"type":"web_search_call","weight":0.10000}',
      long: [],
    };
    const cell = cellOf([sample('web_search_call')]);
    cell.outcome.choices[0]!.item = item;
    await show(cell);
    await fireEvent.click(screen.getByRole('button', { name: 'JSON of Web search' }));
    expect(card('web_search_call').textContent).toContain('"weight": 0.10000');
  });

  it('opens a citation only when it is pressed, and then through the one way out', async () => {
    const onlink = vi.fn();
    await show(cellOf([sample('message')]), onlink);
    expect(document.querySelector('a[href]')).toBeNull();
    const list = within(screen.getByRole('list', { name: 'Citations' }));
    await fireEvent.click(list.getByRole('link', { name: 'Warranty of Nordlys lights' }));
    expect(onlink).toHaveBeenCalledExactlyOnceWith('https://nordlys.example/warranty?lang=en');
  });

  it('loads no picture from elsewhere', async () => {
    await show(cellOf([sample('code_interpreter_call')]));
    expect(document.querySelector('img')).toBeNull();
  });

  it('fetches a picture that was too long to come along, and gives its memory back', async () => {
    const cell = cellOf([sample('image_generation_call')]);
    host.runs.set(cell.run, { summary: (await host.listRuns(1, null))[0]!, snapshot: refundReply, cells: [cell] });
    const made = vi.spyOn(URL, 'createObjectURL');
    const gone = vi.spyOn(URL, 'revokeObjectURL');
    expect(cell.outcome.choices[0]!.item!.long).toMatchObject([{ pointer: '/result' }]);
    const { unmount } = await show(cell);
    await waitFor(() => expect(screen.getByRole('img', { name: 'A rear light at dusk, drawn flat' })).toBeTruthy());
    const blob = made.mock.calls[0]![0] as Blob;
    expect(blob.type).toBe('image/png');
    expect(new Uint8Array(await blob.arrayBuffer()).slice(0, 4)).toEqual(Uint8Array.of(0x89, 0x50, 0x4e, 0x47));
    vi.spyOn(host, 'savePicture');
    await fireEvent.click(screen.getByRole('button', { name: /^Save / }));
    await waitFor(() => expect(host.savePicture).toHaveBeenCalledOnce());
    const [name, bytes] = vi.mocked(host.savePicture).mock.calls[0]!;
    expect(name).toMatch(/^[^/\\]+\.png$/);
    expect(bytes).toEqual(new Uint8Array(await blob.arrayBuffer()));
    unmount();
    expect(gone.mock.calls).toEqual(made.mock.results.map(({ value }) => [value as string]));
  });

  it('says why a picture that claims too many pixels is not drawn', async () => {
    const cell = cellOf([sample('image_generation_call')]);
    host.runs.set(cell.run, { summary: (await host.listRuns(1, null))[0]!, snapshot: refundReply, cells: [cell] });
    const kind = { kind: 'broken', message: 'It has 40,000 pixels on an edge.' } as const;
    vi.spyOn(host, 'fileFacts').mockResolvedValue({ bytes: 74, mediaType: 'image/png', kind });
    await show(cell);
    await waitFor(() => expect(screen.getByText(/cannot be shown\. It has 40,000 pixels/)).toBeTruthy());
    expect(document.querySelector('img')).toBeNull();
  });

  it('waits for a picture that came a moment ago and is not on disk yet', async () => {
    const cell = cellOf([sample('image_generation_call')]);
    const answers = [
      () => Promise.reject({ kind: 'storage', message: 'not on disk yet' }),
      () => Promise.resolve(picture()),
    ];
    host.itemString = vi.fn(() => answers.shift()!());
    await show(cell);
    await waitFor(() => expect(screen.getByRole('img', { name: 'A rear light at dusk, drawn flat' })).toBeTruthy());
    expect(host.itemString).toHaveBeenCalledTimes(2);
    expect(host.itemString).toHaveBeenLastCalledWith('cell-1', 0, '/result');
  });

  it.each(['null', 'false', '7', '-0.50e3', '"yes"', '""'])('of the bare value %s shows it plain', async (json) => {
    await show(cellOf([{ item: { type: 'value', json } }]));
    expect(card('value').querySelector('.bare')!.textContent!.trim()).toBe(json.replaceAll('"', ''));
  });

  it('of a value of many parts lays it out as it is spelled', async () => {
    await show(cellOf([valueSample]));
    expect(card('value').textContent).toContain('"confidence": 0.9700');
  });
});

describe('an answer of items', () => {
  const order = ['reasoning', 'function_call', 'message', 'image_generation_call'].map(sample);
  const facts = (of: LiveCell) =>
    of.inOrder.map(({ index, text, reasoning, refusal, toolCalls, item }: LiveChoice) => ({
      index,
      text: text.toString(),
      reasoning: reasoning.toString(),
      refusal: refusal.toString(),
      calls: toolCalls.map((call) => ({ ...call, arguments: call.arguments.toString() })),
      item,
    }));

  it('is the same restored as it was live, whatever came first', () => {
    const streams = order.map((one, index) => pieces(index, one));
    const live = new LiveCell(cellOf([], { kind: 'streaming' }));
    let sequence = 0;
    const apply = (appends: Append[]) =>
      live.apply({ cell: live.id, run: live.head.run, sequence: ++sequence, appends });
    // Parts of all items come by turns, the last item opening first.
    for (let at = 0; streams.some((stream) => at < stream.length); at += 1)
      for (const stream of [...streams].reverse()) apply(stream[at] ?? []);
    expect(facts(live)).toEqual(facts(new LiveCell(cellOf(order))));
    expect(live.inOrder.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  });

  it('stands in the order of the response', async () => {
    await show(cellOf(order));
    const types = [...document.querySelectorAll('[data-item]')].map((one) => one.getAttribute('data-item'));
    expect(types).toEqual(['reasoning', 'function_call', 'message', 'image_generation_call']);
  });

  it('is copied with the texts of all its messages', () => {
    const two = [
      { ...sample('message'), text: 'one' },
      sample('function_call'),
      { ...sample('message'), text: 'two 😀' },
    ];
    expect(new LiveCell(cellOf(two)).answer()).toBe('one\n\ntwo 😀');
    expect(new LiveCell(cellOf([{ item: { type: 'value', json: 'false' } }])).answer()).toBe('false');
  });

  it('grows while it streams and takes the whole item at its end', async () => {
    const live = new LiveCell(cellOf([], { kind: 'streaming' }));
    await show(live);
    let sequence = 0;
    const say = async (appends: Append[]) => {
      live.apply({ cell: live.id, run: live.head.run, sequence: ++sequence, appends });
      await tick();
      live.flush();
      painter.paint();
      await tick();
    };
    const [opened, ...rest] = pieces(0, sample('function_call'));
    await say(opened!);
    await say(rest[0]!);
    expect(card('function_call').querySelector('pre')!.textContent).toBe(
      '{"order":"NL-20418","fields":["status","price"],"limit":1.0}',
    );
    for (const one of rest.slice(1)) await say(one);
    expect(card('function_call').querySelector('pre')!.textContent).toContain('"limit": 1.0');
  });
});
