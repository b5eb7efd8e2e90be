import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import type { EndpointKind } from '../../bindings/EndpointKind';
import type { Preview } from '../../bindings/Preview';
import { compact } from '../../lib/json-edit';
import Composer from '../compose/Composer.svelte';
import { composerView } from '../compose/composer-view.svelte';
import { show, type Shown } from '../with-app/with-app';
import { toolsView } from './tools-view.svelte';

const TOOLS = `[ {"type":"function","x":1.50,"function":{"name":"get_weather","description":"Weather","x_own":1e0,
  "parameters":{"type":"object","properties":{"city":{"type":"string"},"days":{"maximum":1.0e3}}}}},
  {"type":"function","function":{"name":"get_time"}} , {"type":"custom","custom":{"name":"run_sql"}} ]`;

afterEach(() => {
  composerView.tab = 'messages';
  Object.assign(toolsView, {
    shown: 0,
    part: 'definition',
    unapplied: {},
    own: {},
    deleted: null,
    deletedRule: null,
    dialog: null,
    rule: null,
    focus: null,
  });
});

async function open(tools: string | null = TOOLS, endpoints: EndpointKind[] = []): Promise<Shown> {
  const shown = await show(Composer, 'compare', { endpoints });
  const { comparison } = shown.app;
  if (tools !== null) comparison.setParameter(comparison.comparison.lanes[0]!.id, 'tools', tools);
  await fireEvent.click(await screen.findByRole('tab', { name: /^Tools/ }));
  return shown;
}

const text = ({ app }: Shown): string | null => app.comparison.baseValue('tools');
const options = (): string[] => screen.getAllByRole('option').map((row) => row.getAttribute('aria-label') ?? '');
const press = (name: string | RegExp): Promise<boolean> => fireEvent.click(screen.getByRole('button', { name }));

async function type(name: string, value: string): Promise<void> {
  const field = screen.getByRole('textbox', { name }) as HTMLTextAreaElement;
  field.value = value;
  await fireEvent.input(field);
}

async function part(name: string): Promise<void> {
  const group = screen.getByRole('radiogroup', { name: 'Part of the tool' });
  await fireEvent.click(within(group).getByRole('radio', { name }));
}

/** The editor is loaded when it is first shown. */
async function code(label: string): Promise<{ text: string; write(text: string): void }> {
  const { EditorView } = await import('@codemirror/view');
  const content = await screen.findByRole('textbox', { name: label });
  const view = EditorView.findFromDOM(content)!;
  return {
    text: view.state.sliceDoc(),
    write: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
  };
}

describe('the list', () => {
  it('names its tools and is counted in the tab', async () => {
    await open();
    expect(options()).toEqual([
      'get_weather, Function, 2 parameters',
      'get_time, Function, 0 parameters',
      'run_sql, Custom',
    ]);
    expect(screen.getByRole('tab', { name: 'Tools 3' })).toBeTruthy();
  });

  it('stays as it is to the byte while it is only looked at', async () => {
    const shown = await open();
    for (const index of [0, 1, 2]) {
      await fireEvent.click(screen.getAllByRole('option')[index]!);
      const group = screen.getByRole('radiogroup', { name: 'Part of the tool' });
      for (const { textContent } of within(group).getAllByRole('radio')) await part(textContent ?? '');
    }
    await press('All tools as JSON');
    await code('JSON of all tools');
    expect(text(shown)).toBe(TOOLS);
  });

  it('is walked, put in order and emptied by the keyboard', async () => {
    const shown = await open();
    screen.getAllByRole('option')[0]!.focus();
    await fireEvent.keyDown(document.activeElement!, { key: 'ArrowDown' });
    expect(document.activeElement?.getAttribute('aria-label')).toMatch(/^get_time/);
    expect(shown.app.actions.run('tools.moveUp')).toBe(true);
    await waitFor(() => expect(options()[0]).toMatch(/^get_time/));
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toMatch(/^get_time/));
    shown.app.actions.run('tools.moveDown');
    await waitFor(() => expect(text(shown)).toBe(TOOLS));
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toMatch(/^get_time/));
    await fireEvent.keyDown(document.activeElement!, { key: 'Delete' });
    expect(options()).toHaveLength(2);
    await press('Undo');
    expect(text(shown)).toBe(TOOLS);
    for (let left = 3; left > 0; left -= 1) shown.app.actions.run('tools.delete');
    // An empty list is refused by servers, and nobody asked for one.
    expect(text(shown)).toBeNull();
    shown.app.actions.run('tools.restore');
    expect(text(shown)).not.toBeNull();
  });

  it('gets tools by the form, with the focus at the name', async () => {
    const shown = await open(null);
    expect(screen.getByText(/^No tool yet/)).toBeTruthy();
    await press('Function');
    await waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toBe('Name of the tool'));
    await type('Name of the tool', 'get_weather');
    expect(JSON.parse(text(shown)!)).toEqual([
      {
        type: 'function',
        function: {
          name: 'get_weather',
          description: '',
          parameters: { type: 'object', properties: {}, required: [] },
        },
      },
    ]);
  });

  it('gets tools that were pasted', async () => {
    const shown = await open();
    shown.app.actions.run('tools.paste');
    await screen.findByRole('dialog', { name: 'Paste tools' });
    await type('Tools as JSON', '{"name":"find","inputSchema":{"type":"object","maximum":1.50},"title":"Find"}');
    expect(screen.getByText('without title')).toBeTruthy();
    await fireEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: 'Add tool' }));
    expect(text(shown)?.startsWith(TOOLS.replace(/ ]$/, ''))).toBe(true);
    expect(text(shown)).toContain('"maximum": 1.50');
    expect((JSON.parse(text(shown)!) as unknown[]).at(-1)).toEqual({
      type: 'function',
      function: { name: 'find', parameters: { type: 'object', maximum: 1.5 } },
    });
  });

  it('gets a copy beside a tool, under a name that is free', async () => {
    const shown = await open();
    shown.app.actions.run('tools.duplicate');
    await waitFor(() => expect(options()[1]).toMatch(/^get_weather_2, Function, 2/));
    expect(text(shown)).toContain('"x_own":1e0');
  });

  it('that is shorter than the one before still shows a tool', async () => {
    const { app } = await open();
    await fireEvent.click(screen.getAllByRole('option')[2]!);
    app.comparison.setParameter(
      app.comparison.currentLane,
      'tools',
      '[{"type":"function","function":{"name":"only"}}]',
    );
    await waitFor(() => expect(options()).toHaveLength(1));
    expect(screen.getByRole('option').getAttribute('aria-selected')).toBe('true');
    expect(screen.getByRole('textbox', { name: 'Name of the tool' })).toHaveProperty('value', 'only');
    expect(app.actions.disabledReason('tools.duplicate')).toBeNull();
  });

  it('is shown as code when it is no list, and the tab says so', async () => {
    const shown = await open('[{"type":"function"');
    const editor = await code('JSON of all tools');
    expect(screen.getByText(/^Not JSON, so nothing can be sent/)).toBeTruthy();
    expect(screen.getByRole('tab', { name: 'Tools 1' }).querySelector('.invalid')).not.toBeNull();
    editor.write(TOOLS);
    await waitFor(() => expect(options()).toHaveLength(3));
    expect(text(shown)).toBe(TOOLS);
  });
});

describe('a tool', () => {
  it('changes in the member that is edited', async () => {
    const shown = await open();
    await type('Name of the tool', 'weather');
    expect(text(shown)).toBe(TOOLS.replace('get_weather', 'weather'));
    await type('Description of weather', '"quoted" \\ 😀');
    expect(text(shown)).toBe(TOOLS.replace('get_weather', 'weather').replace('"Weather"', '"\\"quoted\\" \\\\ 😀"'));
    await fireEvent.click(
      within(screen.getByRole('radiogroup', { name: 'strict' })).getByRole('radio', { name: 'true' }),
    );
    expect(JSON.parse(text(shown)!)).toMatchObject([{ function: { strict: true } }, {}, {}]);
  });

  it('shows members that the form does not know, and edits them alone', async () => {
    const shown = await open();
    await type('x_own', '[1.0');
    expect(text(shown)).toBe(TOOLS);
    expect(screen.getByText(/so it is not applied/)).toBeTruthy();
    await type('x_own', '[1.0]');
    expect(text(shown)).toBe(TOOLS.replace('"x_own":1e0', '"x_own":[1.0]'));
    await press('Remove x');
    expect(text(shown)).toBe(TOOLS.replace('"x":1.50,', '').replace('"x_own":1e0', '"x_own":[1.0]'));
  });

  it('is edited as code, and what is no JSON yet waits beside it', async () => {
    const shown = await open();
    await part('Code');
    const editor = await code('JSON of get_weather');
    editor.write('{"type":');
    await screen.findByText(/^Not applied/);
    expect(text(shown)).toBe(TOOLS);
    expect(screen.getByRole('tab', { name: 'Tools 1' })).toBeTruthy();
    await fireEvent.click(screen.getByRole('tab', { name: /^Messages/ }));
    await fireEvent.click(screen.getByRole('tab', { name: /^Tools/ }));
    expect((await code('JSON of get_weather')).text).toBe('{"type":');
    (await code('JSON of get_weather')).write('{"type":"function","function":{"name":"a"}}');
    await waitFor(() => expect(options()[0]).toMatch(/^a, Function/));
    expect(JSON.parse(text(shown)!)).toHaveLength(3);
    expect(text(shown)).toContain('{"type":"function","function":{"name":"get_time"}} , {"type":"custom"');
  });

  it('warns of what is likely to be refused, and is sent all the same', async () => {
    const { app } = await open('[{"type":"function","name":"get weather"}]');
    expect(screen.getByText(/^A name has 1 to 64/)).toBeTruthy();
    await press('Spell it so');
    expect(app.comparison.baseValue('tools')).toContain('"function":{"name":"get weather"}');
    app.comparison.setParameter(
      app.comparison.currentLane,
      'tool_choice',
      '{"type":"function","function":{"name":"b"}}',
    );
    await screen.findByText(/^tool_choice names b/);
    const preview = (await app.host.preview(app.comparison.snapshot(), app.comparison.currentLane)) as Preview & {
      kind: 'ready';
    };
    expect(preview.request.body).toContain('get weather');
  });
});

describe('a lane', () => {
  it('gets tools of its own, and the shared ones again', async () => {
    const shown = await open();
    const { comparison } = shown.app;
    const second = comparison.comparison.lanes[1]!.id;
    comparison.selectLane(second);
    await fireEvent.click(await screen.findByRole('button', { name: 'Own tools for lane B' }));
    expect(screen.getByText('Tools of lane B')).toBeTruthy();
    await type('Name of the tool', 'only_b');
    expect(comparison.value(second, 'tools')).toBe(TOOLS.replace('get_weather', 'only_b'));
    // Equal to the shared list for a moment, it is still the lane's.
    await type('Name of the tool', 'get_weather');
    await type('Name of the tool', 'b');
    expect(text(shown)).toBe(TOOLS);
    expect(comparison.value(second, 'tools')).toContain('"name":"b"');
    await press('Use the shared tools');
    expect(comparison.value(second, 'tools')).toBe(TOOLS);
    expect(comparison.isOverridden(second, 'tools')).toBe(false);
  });

  it('of another endpoint begins with what it sends, in its own words', async () => {
    const { app } = await open(
      '[{"type":"web_search"},{"type":"function","name":"a","parameters":{"maximum":1.50}},{"type":"custom","name":"b"}]',
      ['responses', 'chat'],
    );
    const second = app.comparison.comparison.lanes[1]!.id;
    app.comparison.selectLane(second);
    await fireEvent.click(await screen.findByRole('button', { name: 'Own tools for lane B' }));
    expect(compact(app.comparison.value(second, 'tools') ?? '')).toBe(
      '[{"type":"function","function":{"name":"a","parameters":{"maximum":1.50}}},{"type":"custom","custom":{"name":"b"}}]',
    );
    expect(options()).toEqual(['a, Function, 0 parameters, 1 problem', 'b, Custom']);
  });
});

describe('a tool that the provider runs', () => {
  it('has fields for what is documented of it, and is sent without the rest', async () => {
    const shown = await open(null, ['responses']);
    await press('Add tool');
    await fireEvent.click(await screen.findByRole('menuitem', { name: 'Web search' }));
    const sent = (): string => compact(text(shown) ?? '');
    expect(sent()).toBe('[{"type":"web_search"}]');
    await press('Add member');
    await fireEvent.click(await screen.findByRole('menuitem', { name: 'search_context_size' }));
    await type('search_context_size', 'high');
    expect(sent()).toBe('[{"type":"web_search","search_context_size":"high"}]');
    await press('Remove search_context_size');
    expect(sent()).toBe('[{"type":"web_search"}]');
  });
});

describe('results', () => {
  it('are given by rules, of which the first that fits counts', async () => {
    const { app } = await open();
    await press(/^Results/);
    expect(screen.getByText(/^By hand/)).toBeTruthy();
    await press('Add rule');
    await waitFor(() => expect(document.activeElement?.tagName).toBe('SELECT'));
    await type('Text of rule 1', '{{arguments/city}}: 12°');
    await press('Add condition to rule 1');
    expect(screen.getByRole('textbox', { name: 'Place in the arguments' })).toHaveProperty('value', '/city');
    await type('Value it has', 'Bern');
    expect(screen.queryByText(/^Never asked/)).toBeNull();
    await press('Add rule');
    const second = screen.getByRole('radiogroup', { name: 'Rule 2 gives' });
    await fireEvent.click(within(second).getByRole('radio', { name: 'HTTP' }));
    await type('Address of rule 2', 'http://example.org/');
    expect(screen.getByText(/^example\.org is not this machine/)).toBeTruthy();
    await type('Address of rule 2', 'http://localhost:9000/tool');
    expect(screen.queryByText(/is not this machine/)).toBeNull();
    await type('Seconds to wait for rule 2', '2.5');
    await fireEvent.click(
      within(screen.getByRole('radiogroup', { name: 'Dialogue mode' })).getByRole('radio', { name: 'Auto' }),
    );
    await type('Most steps', '0');
    await type('Most steps', '12');
    expect(app.comparison.snapshot().draft.toolPlan).toEqual({
      mode: 'auto',
      mostSteps: 12,
      rules: [
        {
          tool: 'get_weather',
          when: [{ pointer: '/city', equals: 'Bern' }],
          gives: { kind: 'text', text: '{{arguments/city}}: 12°' },
        },
        {
          tool: 'get_weather',
          when: [],
          gives: { kind: 'http', url: 'http://localhost:9000/tool', timeoutMs: 2500 },
        },
      ],
    });
  });

  it('say which rule is never asked, and what their variables are', async () => {
    const { app } = await open();
    await part('Results');
    await press('Add rule');
    await type('Text of rule 1', '{{arguments}} {{unit}} {{arguments/city}}');
    await press('Add rule');
    expect(screen.getAllByText(/^Never asked/)).toHaveLength(1);
    await type('Variable unit', '°C');
    expect(app.comparison.variable('unit')).toBe('°C');
    expect(screen.getAllByRole('textbox', { name: /^Variable/ })).toHaveLength(1);
    expect(app.comparison.missingVariables).not.toContain('unit');
  });

  it('change their order by the keyboard, and come back after they were deleted', async () => {
    const { app } = await open();
    await part('Results');
    for (const words of ['a', 'b']) {
      await press('Add rule');
      await type(`Text of rule ${words === 'a' ? 1 : 2}`, words);
    }
    const texts = (): unknown[] =>
      app.comparison.snapshot().draft.toolPlan.rules.map(({ gives }) => 'text' in gives && gives.text);
    screen.getByRole('textbox', { name: 'Text of rule 2' }).focus();
    expect(app.actions.run('tools.moveUp')).toBe(true);
    expect(texts()).toEqual(['b', 'a']);
    await waitFor(() =>
      expect(screen.getByRole('group', { name: 'Rule 1' }).contains(document.activeElement)).toBe(true),
    );
    await press('More for rule 1');
    await fireEvent.click(await screen.findByRole('menuitem', { name: 'Delete' }));
    expect(texts()).toEqual(['a']);
    await press('Undo');
    expect(texts()).toEqual(['b', 'a']);
  });

  it('follow a tool to its new name', async () => {
    const { app } = await open();
    app.actions.run('tools.addRule');
    expect(app.comparison.snapshot().draft.toolPlan.rules[0]?.tool).toBe('get_weather');
    await part('Definition');
    const name = screen.getByRole('textbox', { name: 'Name of the tool' });
    name.focus();
    await type('Name of the tool', 'get_time');
    await type('Name of the tool', 'weather');
    name.blur();
    expect(app.comparison.snapshot().draft.toolPlan.rules[0]?.tool).toBe('weather');
  });
});
