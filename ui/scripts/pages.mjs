// The pages that pictures and checks are made of: a name, where it starts, and what is done there.
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';

/** Milliseconds that a busy machine may need for what a person would not wait for. */
const PATIENCE = 120_000;

const press = (page, key) => page.keyboard.press(key);

async function runAll(page) {
  await press(page, 'Control+Enter');
  await page.waitForTimeout(1700);
}

/** Three steps that go on by themselves. */
async function dialogue(page) {
  await runAll(page);
  await page.waitForTimeout(2500);
}

/** Three things that every answer has to be. */
async function checks(page) {
  await command(page, 'Add a check');
  const dialog = page.getByRole('dialog', { name: 'Checks' });
  await dialog.getByRole('textbox', { name: 'Name of check 1' }).fill('Names the order');
  await dialog.getByRole('textbox', { name: 'Text, check 1' }).fill('{{order_id}}');
  await dialog.getByRole('button', { name: 'Add check' }).click();
  await dialog.getByRole('combobox', { name: 'Kind of check 2' }).selectOption('length');
  await dialog.getByRole('button', { name: 'Add check' }).click();
  await dialog.getByRole('textbox', { name: 'Name of check 3' }).fill('Promises no date');
  await dialog.getByRole('combobox', { name: 'Kind of check 3' }).selectOption('regex');
  await dialog.getByRole('textbox', { name: 'Pattern, check 3' }).fill('by \\w+day');
  await dialog.getByRole('switch', { name: 'Must not, check 3' }).click();
}

/** Twenty answers of each lane, held against those of the base. */
async function differing(page) {
  await checks(page);
  await page.getByRole('button', { name: 'Done' }).click();
  const repeat = page.getByRole('spinbutton', { name: 'Repeat' });
  // Where the window is narrow it is within a menu.
  if (await repeat.isVisible()) {
    await repeat.focus();
    for (const key of ['PageUp', 'PageUp', 'ArrowDown']) await press(page, key);
  }
  await runAll(page);
  await page.waitForTimeout(2500);
  await page.getByRole('radio', { name: 'Diff' }).click();
  await page.getByText('% kept').first().waitFor();
  const next = page.getByRole('button', { name: 'Next sample' }).first();
  if (await next.isVisible()) await next.press('Alt+ArrowRight');
  await page.waitForTimeout(600);
}

/** Runs an entry of the palette by its name. */
async function command(page, title) {
  await press(page, 'Control+k');
  await page.getByRole('combobox', { name: 'Search or run a command' }).fill(`>${title}`);
  await press(page, 'Enter');
}

/** A grid over a variable and a parameter, with A and B chosen in it. */
async function imageGrid(page) {
  await page.getByRole('textbox', { name: 'Prompt' }).fill('A low cliff in {{weather}} weather, no text');
  await press(page, 'Control+l');
  await page.getByRole('combobox', { name: 'Model' }).fill('openai/dall-e-3');
  await press(page, 'Enter');
  for (const [axis, subject, values] of [
    ['Columns', '{{weather}}', 'calm\nfog\nstorm'],
    ['Rows', 'quality', 'standard\nhd'],
  ]) {
    await page.getByRole('button', { name: `${axis}: none` }).click();
    await page.getByRole('combobox', { name: `${axis} vary` }).selectOption(subject);
    await page.getByRole('textbox', { name: 'Values, one on each line' }).fill(values);
    await press(page, 'Escape');
  }
  await press(page, 'Control+Enter');
  await page.getByText('6 of 6 done').waitFor();
  await page.getByRole('option', { name: 'storm, standard' }).click();
  await press(page, 'a');
  await press(page, 'ArrowDown');
  await press(page, 'b');
}

/** Tools in three spellings, one of them with a name that servers refuse. */
const TOOLS = JSON.stringify([
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'Weather of a city for a number of days',
      parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } },
    },
    cache: { ttl: 60 },
  },
  { name: 'find_files', description: 'Files by name', inputSchema: { type: 'object', properties: { query: {} } } },
  { type: 'custom', name: 'run_sql', description: 'Runs a query' },
  { type: 'function', function: { name: 'get time' } },
]);

const ORDER = {
  id: 'A-17',
  customer: { name: 'Zoë “Z” Ødegård', email: null },
  items: [{ sku: 'x-1', price: 49.9, count: 2, tags: ['new'] }],
  paid: true,
};

/** A schema made from an example, one property of which is optional. */
async function outputSchema(page) {
  await page.getByRole('tab', { name: 'Output schema' }).click();
  await page.getByRole('radio', { name: 'JSON schema' }).click();
  await page.getByRole('button', { name: 'From example' }).click();
  await page.getByRole('textbox', { name: 'Example' }).fill(JSON.stringify(ORDER, null, 2));
  await page.getByRole('button', { name: 'Use this schema' }).click();
  const tree = page.getByRole('tree', { name: 'Properties' });
  await tree.focus();
  await press(page, 'Home');
  for (let row = 0; row < 5; row += 1) await press(page, 'ArrowDown');
  await press(page, 'r');
}

/** Gives a half of the page of sounds a model. */
async function chooseSoundModel(page, pane, model) {
  await pane
    .getByRole('button', { name: /^Model: / })
    .first()
    .click();
  await typeModel(page, model);
}

async function typeModel(page, model) {
  await page.getByRole('dialog').getByRole('combobox', { name: 'Model' }).fill(model);
  await page.getByRole('option', { name: model }).first().waitFor();
  await press(page, 'Enter');
}

/** A sound that two models wrote down. */
async function transcribed(page) {
  await page
    .locator('[data-audio-files]')
    .setInputFiles({ name: 'Note.wav', mimeType: 'audio/wav', buffer: silence() });
  const pane = page.getByRole('region', { name: 'Transcript of Note' });
  await chooseSoundModel(page, pane, 'whisper-large-v3');
  await pane.getByRole('button', { name: 'Compare with another model' }).click();
  await typeModel(page, 'whisper-small');
  await pane.getByRole('button', { name: 'Transcribe', exact: true }).click();
  await pane.getByRole('button', { name: 'Show all differences' }).waitFor();
}

/** A second of silence with the head of a WAVE file. */
function silence() {
  const bytes = Buffer.alloc(44 + 48_000);
  bytes.write('RIFF', 0);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(48_000, 28);
  return bytes;
}

/** A picture, a sound and a file beside a text. */
async function attached(page) {
  const picture = fileURLToPath(new URL('../../icons/128x128@2x.png', import.meta.url));
  const chooser = page.getByLabel('Files to attach');
  await chooser.setInputFiles(picture);
  await chooser.setInputFiles([
    { name: 'question.wav', mimeType: 'audio/wav', buffer: silence() },
    {
      name: 'A report with a name that goes on and on.pdf',
      mimeType: 'application/pdf',
      buffer: Buffer.from('%PDF-1.7\n'),
    },
  ]);
  await page.getByText(/application\/pdf/).waitFor();
}

/** Topics of a shop for lamps. */
const TEXTS = [
  'I want my money back for the rear light.',
  'Refund please, lamp died after 7 weeks.',
  'Can I return this light and get a refund?',
  'The charging port is corroded.',
  'It stops charging when the cap is closed.',
  'Charging takes all night, is that normal?',
  'Where is my parcel?',
  'Parcel of order NL-20418 has not arrived.',
  'Can you ship a parcel to Norway?',
  'The mount slips on a 35 mm bar.',
  'The mount rattles on cobbles.',
  'Mount for a carbon seat post?',
];

/** Vectors of these texts, and of a second model where there is room to choose it. */
async function embedded(page) {
  await press(page, 'Control+m');
  await page.getByRole('textbox', { name: 'Texts to add' }).fill(TEXTS.join('\n'));
  await press(page, 'Control+Enter');
  await chooseModel(page, () => press(page, 'Control+l'), 'bge-m3');
  await press(page, 'Control+Enter');
  await page.getByRole('region', { name: 'Facts' }).waitFor();
  const other = page.getByRole('button', { name: 'Choose another model' });
  if (!(await other.isVisible())) return;
  await chooseModel(page, () => other.click(), 'text-embedding-3-small');
  await press(page, 'Control+Enter');
  await page.getByRole('list', { name: 'Most disputed pairs' }).waitFor();
}

async function chooseModel(page, open, model) {
  await open();
  const field = page.getByRole('combobox', { name: 'Model' });
  await field.fill(model);
  await page.getByRole('option', { name: model }).first().waitFor();
  await press(page, 'Enter');
}

async function openMatrix(page, name) {
  await page.getByRole('option', { name }).click();
  await page.getByRole('region', { name: /^Matrix / }).waitFor();
}

async function openBatch(page, name) {
  await page.getByRole('option', { name }).click();
  await page.getByRole('region', { name: /^Batch / }).waitFor();
}

export const pages = [
  { name: 'start', query: 'section=start' },
  { name: 'compare', query: 'section=compare', act: runAll },
  {
    name: 'sandbox',
    query: 'section=start',
    act: async (page) => {
      await page.getByRole('button', { name: 'Try the sandbox' }).click();
      await runAll(page);
    },
  },
  {
    name: 'palette',
    query: 'section=compare',
    act: async (page) => {
      await press(page, 'Control+k');
      await page.getByRole('combobox', { name: 'Search or run a command' }).fill('temp');
    },
  },
  { name: 'dialogue-auto', query: 'section=compare&dialogue=auto', act: dialogue },
  { name: 'dialogue-step', query: 'section=compare&dialogue=step&endpoints=chat,responses', act: runAll },
  {
    name: 'dialogue-failed',
    query: 'section=compare&dialogue=failing',
    act: async (page) => {
      await runAll(page);
      const lane = page.getByRole('region', { name: 'Lane A' });
      await lane.getByRole('textbox', { name: 'Result of get_time' }).fill('14:05');
      await press(page, 'Control+Enter');
      await page.waitForTimeout(1200);
      await lane.getByRole('button', { name: /^Step 1/ }).click();
    },
  },
  {
    name: 'tools',
    query: 'section=compare',
    act: async (page) => {
      await command(page, 'Paste tools');
      await page.getByRole('textbox', { name: 'Tools as JSON' }).fill(TOOLS);
      await press(page, 'Control+Enter');
      await page.getByRole('option', { name: /get_weather/ }).waitFor();
    },
  },
  {
    name: 'tools-parameters',
    query: 'section=compare',
    act: async (page) => {
      await command(page, 'Paste tools');
      await page.getByRole('textbox', { name: 'Tools as JSON' }).fill(TOOLS);
      await press(page, 'Control+Enter');
      await page.getByRole('radio', { name: 'Parameters' }).click();
    },
  },
  {
    name: 'tools-results',
    query: 'section=compare',
    act: async (page) => {
      await command(page, 'Paste tools');
      await page.getByRole('textbox', { name: 'Tools as JSON' }).fill(TOOLS);
      await press(page, 'Control+Enter');
      await page.getByRole('button', { name: /^Results/ }).click();
      await page.getByRole('radio', { name: 'Auto' }).click();
      await page.getByRole('button', { name: 'Add rule' }).click();
      await page
        .getByRole('textbox', { name: 'Text of rule 1' })
        .fill('{"city":"{{arguments/city}}","unit":"{{unit}}"}');
      await page.getByRole('button', { name: 'Add condition to rule 1' }).click();
      await page.getByRole('button', { name: 'Add rule' }).click();
      await page.getByRole('radiogroup', { name: 'Rule 2 gives' }).getByRole('radio', { name: 'HTTP' }).click();
      await page.getByRole('textbox', { name: 'Address of rule 2' }).fill('http://example.org/');
    },
  },
  {
    name: 'tools-paste',
    query: 'section=compare',
    act: async (page) => {
      await command(page, 'Paste tools');
      await page.getByRole('textbox', { name: 'Tools as JSON' }).fill(TOOLS);
    },
  },
  {
    name: 'tools-hosted',
    query: 'section=compare&endpoints=responses',
    act: async (page) => {
      await command(page, 'Show tools');
      await page.getByRole('button', { name: 'Add tool' }).click();
      await page.getByRole('menuitem', { name: 'MCP server' }).click();
      await page.getByRole('option', { name: /mcp/ }).waitFor();
    },
  },
  { name: 'diff', query: 'section=compare', act: differing },
  { name: 'checks', query: 'section=compare', act: checks },
  { name: 'attached', query: 'section=compare', act: attached },
  {
    name: 'make-smaller',
    query: 'section=compare',
    act: async (page) => {
      await attached(page);
      await page.getByRole('button', { name: /^More for part 2 of / }).click();
      await page.getByRole('menuitem', { name: 'Make smaller…' }).click();
      await page.getByText('which is no smaller').waitFor();
    },
  },
  {
    name: 'spoken',
    query: 'section=compare&endpoints=chat,chat',
    act: async (page) => {
      await page.getByRole('tab', { name: 'JSON' }).click();
      const body = page.getByRole('textbox', { name: 'Request body of lane A' });
      await body.click();
      await press(page, 'Control+Home');
      await press(page, 'End');
      await page.keyboard.insertText('"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"},');
      await page.waitForTimeout(600);
      await runAll(page);
      await page.waitForTimeout(3000);
      await page.getByRole('button', { name: 'Play the sound of lane A' }).click();
      await page.waitForTimeout(1500);
    },
  },
  { name: 'schema', query: 'section=compare', act: outputSchema },
  {
    name: 'schema-code',
    query: 'section=compare',
    act: async (page) => {
      await outputSchema(page);
      await page.getByRole('radio', { name: 'Code' }).click();
      await page.getByRole('textbox', { name: 'Output schema' }).waitFor();
      await page.getByRole('button', { name: 'Next problem' }).or(page.getByText('to be required')).first().click();
    },
  },
  {
    name: 'schema-strict',
    query: 'section=compare',
    act: async (page) => {
      await outputSchema(page);
      await page.getByRole('button', { name: 'Make strict' }).click();
    },
  },
  {
    name: 'json',
    query: 'section=compare',
    act: async (page) => {
      await page.getByRole('tab', { name: 'JSON' }).click();
      await page.getByRole('textbox', { name: 'Request body of lane A' }).click();
      await press(page, 'Control+End');
      await press(page, 'ArrowUp');
      await press(page, 'End');
      await page.keyboard.type(', "top');
      await page.locator('.cm-completionInfo').waitFor();
    },
  },
  {
    name: 'json-error',
    query: 'section=compare',
    act: async (page) => {
      await page.getByRole('tab', { name: 'JSON' }).click();
      await page.getByRole('textbox', { name: 'Request body of lane A' }).click();
      await press(page, 'Control+Home');
      await press(page, 'End');
      await page.keyboard.type(' "');
      await page.getByText('Not applied').waitFor();
    },
  },
  {
    name: 'edit-body',
    query: 'section=compare',
    act: async (page) => {
      await page.getByRole('button', { name: 'Lane B actions' }).click();
      await page.getByRole('menuitem', { name: 'Edit before sending' }).click();
      await page.getByRole('button', { name: 'Pretty' }).click();
      await page.getByRole('textbox', { name: 'Exact body of lane B' }).waitFor();
      await page.waitForTimeout(400);
    },
  },
  {
    name: 'endpoints',
    query: 'section=compare&endpoints=chat,responses,generic',
    act: async (page) => {
      await press(page, 'Control+2');
      await runAll(page);
      await page
        .getByRole('button', { name: /not carried over/ })
        .first()
        .click();
    },
  },
  {
    name: 'endpoint-picker',
    query: 'section=compare&endpoints=chat,responses,generic',
    act: async (page) => {
      await press(page, 'Control+2');
      await press(page, 'Control+l');
      await page.getByRole('radiogroup', { name: 'Endpoint' }).waitFor();
    },
  },
  { name: 'images', query: 'section=images', act: imageGrid },
  {
    name: 'images-list',
    query: 'section=images',
    act: async (page) => {
      await imageGrid(page);
      await page.getByRole('radio', { name: 'List' }).click();
    },
  },
  {
    name: 'images-axis',
    query: 'section=images',
    act: async (page) => {
      await imageGrid(page);
      await page.getByRole('button', { name: /^Rows/ }).click();
      await page.getByRole('combobox', { name: 'Rows vary' }).waitFor();
    },
  },
  { name: 'shortcuts', query: 'section=compare', act: (page) => press(page, 'Control+/') },
  {
    name: 'history',
    query: 'section=history&runs=400',
    act: async (page) => {
      await page.getByRole('combobox', { name: 'Search runs' }).fill('cost<0.02 connection:"Scale prod" remboursement');
      await page.getByRole('grid', { name: 'Runs' }).waitFor();
    },
  },
  {
    name: 'history-preview',
    query: 'section=history&runs=400',
    act: async (page) => {
      await page.getByRole('grid', { name: 'Runs' }).getByRole('row').nth(2).click();
      const tab = page.getByRole('tab', { name: 'Preview' });
      if (await tab.isVisible()) await tab.click();
      await page.getByRole('region', { name: 'Run preview' }).getByRole('heading', { level: 3 }).first().waitFor();
    },
  },
  {
    name: 'history-find',
    query: 'section=history&runs=400',
    act: async (page) => {
      await page.getByRole('combobox', { name: 'Search runs' }).fill('connection:"Scale prod" refund');
      await page.getByRole('grid', { name: 'Runs' }).waitFor();
      await page.getByRole('button', { name: 'Save search' }).click();
      await press(page, 'Control+f');
      await page.getByRole('searchbox', { name: 'Find' }).fill('order');
      await page.locator('mark[data-current]').waitFor();
    },
  },
  { name: 'audio-empty', query: 'section=audio' },
  {
    name: 'audio-recording',
    query: 'section=audio',
    act: async (page) => {
      await page.getByRole('button', { name: 'Record', exact: true }).click();
      await page.waitForTimeout(2_000);
    },
  },
  { name: 'audio', query: 'section=audio', act: transcribed },
  {
    name: 'audio-differences',
    query: 'section=audio',
    act: async (page) => {
      await transcribed(page);
      await page.getByRole('button', { name: 'Show all differences' }).click();
    },
  },
  {
    name: 'audio-speech',
    query: 'section=audio',
    act: async (page) => {
      const half = page.getByRole('radio', { name: 'Synthesize' });
      if (await half.count()) await half.first().click();
      const pane = page.getByRole('region', { name: 'Synthesize' });
      await chooseSoundModel(page, pane, 'kokoro-82m');
      await pane
        .getByRole('textbox', { name: 'Text to speak' })
        .fill('Hello Maren, your refund goes back to the card.');
      for (const voice of ['alloy', 'ash']) await pane.getByRole('checkbox', { name: `Voice ${voice}` }).click();
      await pane.getByRole('button', { name: 'Synthesize', exact: true }).click();
      await pane.getByRole('slider', { name: 'Position in ash' }).waitFor();
    },
  },
  {
    name: 'embeddings',
    query: 'section=embeddings',
    act: async (page) => {
      await embedded(page);
      await page.getByRole('grid', { name: 'Cosine similarity' }).focus();
      await press(page, 'ArrowDown');
      await press(page, 'ArrowRight');
    },
  },
  {
    name: 'embeddings-parameters',
    query: 'section=embeddings',
    act: async (page) => {
      await embedded(page);
      await press(page, 'Control+Alt+b');
    },
  },
  {
    name: 'embeddings-add',
    query: 'section=embeddings',
    act: async (page) => {
      await press(page, 'Control+m');
      await page.getByRole('radio', { name: 'CSV or JSONL file' }).click();
      await page.getByRole('textbox', { name: 'Path of the table' }).fill('tickets.csv');
      await press(page, 'Enter');
      await page.getByRole('combobox', { name: 'Column' }).waitFor();
    },
  },
  {
    name: 'batches',
    query: 'section=batches',
    act: async (page) => {
      await openBatch(page, /Refund replies, March/);
      await page.locator('[data-row="2"]').click();
      await press(page, 'Space');
      await press(page, 'Shift+ArrowDown');
      await page.getByText('2 selected').waitFor();
    },
  },
  {
    name: 'batches-check',
    query: 'section=batches',
    act: async (page) => {
      await openBatch(page, /Warranty triage, full/);
      await page.getByRole('button', { name: 'Remove comma, line 118' }).click();
      await page.getByText('Remove comma: done').waitFor();
    },
  },
  {
    name: 'batches-row',
    query: 'section=batches',
    act: async (page) => {
      await openBatch(page, /Refund replies, March/);
      await page.locator('[data-row="2"]').click();
      await press(page, 'Enter');
      await page.getByRole('region', { name: 'Response line' }).waitFor();
    },
  },
  ...['unknown', 'refused', 'expired'].map((state) => ({
    name: `batches-${state}`,
    query: 'section=batches',
    act: (page) => openBatch(page, { unknown: /Swedish/, refused: /help centre/, expired: /Glossary/ }[state]),
  })),
  {
    name: 'batches-made-elsewhere',
    query: 'section=batches',
    act: async (page) => {
      await page.getByRole('button', { name: 'Load more' }).click();
      await page.getByRole('menuitem', { name: 'ScaiGrid EU' }).click();
      const found = page.getByRole('option', { name: /batch_01HX/ });
      await found.first().waitFor();
      await found.last().scrollIntoViewIfNeeded();
      await page.getByRole('listbox', { name: 'Batches' }).focus();
    },
  },
  {
    name: 'batches-new',
    query: 'section=batches',
    act: async (page) => {
      await page.getByRole('button', { name: 'New batch' }).click();
      await page.getByRole('button', { name: 'Add entry' }).click();
      await page.getByRole('textbox', { name: 'Name of entry 1' }).fill('team');
    },
  },
  {
    name: 'batches-new-file',
    query: 'section=batches',
    act: async (page) => {
      await page.getByRole('button', { name: 'New batch' }).click();
      await page.getByRole('radio', { name: 'File' }).click();
      await page
        .getByRole('radio', { name: 'At an address' })
        .or(page.getByText('OpenAI-compatible servers know'))
        .first()
        .click();
    },
  },
  {
    name: 'batches-none',
    query: 'section=start',
    act: async (page) => {
      await command(page, 'Open Batches');
      await page.getByText('No batches yet').waitFor();
    },
  },
  {
    name: 'matrix',
    query: 'section=matrix',
    act: async (page) => {
      await openMatrix(page, /three tones/);
      await page.locator('[data-row="2"]').click();
    },
  },
  {
    name: 'matrix-running',
    query: 'section=matrix',
    act: async (page) => {
      await openMatrix(page, /Temperatures, 40/);
      await page.getByRole('button', { name: /^Go on with/ }).click();
      await page.waitForTimeout(3_000);
    },
  },
  {
    name: 'matrix-variants',
    query: 'section=matrix',
    act: async (page) => {
      await openMatrix(page, /three tones/);
      await page.getByRole('tab', { name: /^Variants/ }).click();
      await page.getByRole('grid', { name: 'Variants of the matrix' }).getByText('Cannot tell').first().waitFor();
    },
  },
  {
    name: 'matrix-changes',
    query: 'section=matrix',
    act: async (page) => {
      await openMatrix(page, /three tones/);
      await page.getByRole('tab', { name: 'Changes' }).click();
      await page.getByRole('region', { name: 'Both answers' }).locator('ins').first().waitFor();
    },
  },
  {
    name: 'matrix-budget',
    query: 'section=matrix',
    act: async (page) => {
      await openMatrix(page, /seed help/);
      await page.getByRole('button', { name: 'Raise the budget' }).click();
    },
  },
  {
    name: 'matrix-draft',
    query: 'section=matrix',
    act: async (page) => {
      await openMatrix(page, /Small models, draft/);
      await page.getByRole('button', { name: 'Add parameter' }).click();
      await page.getByRole('button', { name: 'Add prompts' }).click();
      await page.getByRole('checkbox', { name: 'Tone checks' }).click();
      await page.getByRole('button', { name: 'Add 1 prompt' }).click();
      await page.getByRole('button', { name: /^Start [0-9,]+ calls/ }).waitFor();
    },
  },
  {
    name: 'matrix-problem',
    query: 'section=matrix',
    act: async (page) => {
      await openMatrix(page, /Small models, draft/);
      await page.getByRole('radio', { name: 'Numbers' }).click();
      await page.getByRole('textbox', { name: 'Numbers of rows' }).fill('1-99');
      await page.getByRole('alert').first().waitFor();
    },
  },
  {
    name: 'matrix-unreadable',
    query: 'section=matrix',
    act: async (page) => {
      await openMatrix(page, /Small models, draft/);
      for (let parameter = 0; parameter < 2; parameter += 1)
        await page.getByRole('button', { name: 'Add parameter' }).click();
      await page.getByRole('combobox', { name: 'Parameter 2' }).selectOption('seed');
      await page.getByRole('textbox', { name: 'Values of seed' }).fill('1, 2, 3');
      await page.getByRole('textbox', { name: 'Values of temperature' }).fill('0, [0.5');
      await page.getByText('is not closed').first().waitFor();
    },
  },
  {
    name: 'matrix-model',
    query: 'section=matrix',
    act: async (page) => {
      await openMatrix(page, /Small models, draft/);
      await page.getByRole('button', { name: 'Add model' }).click();
      await page.getByRole('listbox', { name: 'Models' }).getByRole('option').first().waitFor();
    },
  },
  {
    name: 'judge-model',
    query: 'section=compare',
    act: async (page) => {
      await command(page, 'Add a check');
      await page.getByRole('combobox', { name: 'Kind of check 1' }).selectOption('judge');
      await page.getByRole('button', { name: 'Choose the model of the judge, check 1' }).click();
      await page.getByRole('listbox', { name: 'Models' }).getByRole('option').first().waitFor();
    },
  },
  {
    name: 'matrix-prompts',
    query: 'section=matrix',
    act: async (page) => {
      await openMatrix(page, /Small models, draft/);
      await page.getByRole('button', { name: 'Add prompts' }).click();
    },
  },
  {
    name: 'matrix-lanes',
    query: 'section=matrix',
    act: async (page) => {
      await openMatrix(page, /three tones/);
      await page.locator('[data-row="2"]').click();
      await press(page, 'Shift+Enter');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'matrix-none',
    query: 'section=start',
    act: async (page) => {
      await command(page, 'Open Matrix');
      await page.getByText('No matrices yet').waitFor();
    },
  },
  { name: 'history-none', query: 'section=history' },
  {
    name: 'import',
    query: 'section=compare',
    act: async (page) => {
      await command(page, 'Import a file');
      await page.getByRole('textbox', { name: 'Text to import' }).waitFor();
    },
  },
  {
    name: 'import-problem',
    query: 'section=compare',
    act: async (page) => {
      await command(page, 'Import a file');
      await page.getByRole('textbox', { name: 'Text to import' }).fill('nothing of ours');
      await press(page, 'Control+Enter');
      await page.getByRole('alert').first().waitFor();
    },
  },
  {
    name: 'import-results',
    query: 'section=compare',
    act: async (page) => {
      await command(page, 'Import a file');
      await page.getByRole('textbox', { name: 'Text to import' }).fill('{"custom_id":"a"}\n{"custom_id":"b"}');
      await press(page, 'Control+Enter');
      await page.getByRole('button', { name: 'Import more' }).waitFor();
    },
  },
  {
    name: 'replay',
    query: 'section=compare',
    act: async (page) => {
      await press(page, 'Control+1');
      await command(page, 'Replay current lane step by step');
      await page.getByRole('group', { name: 'Replay of lane A' }).waitFor();
      await press(page, 'Control+Alt+3');
      await page.waitForTimeout(400);
    },
  },
  {
    name: 'serve',
    query: 'section=compare',
    act: async (page) => {
      await press(page, 'Control+1');
      await command(page, 'Serve the recording');
      await page.getByRole('dialog').getByRole('button').first().waitFor();
    },
  },
  ...['request', 'response', 'events', 'timing', 'tokens', 'code'].map((tab, index) => ({
    name: `inspect-${tab}`,
    query: 'section=compare',
    act: async (page) => {
      await press(page, 'Control+2');
      await press(page, `Control+Alt+${index + 1}`);
      await page.waitForTimeout(900);
    },
  })),
  { name: 'connections', query: 'section=connections' },
  { name: 'settings', query: 'section=settings' },
  { name: 'keychain', query: 'section=compare&keychain=missing' },
  { name: 'gallery', query: 'gallery' },
];

export function flag(name, otherwise) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
}

/**
 * Opens each page that `--only a,b` names (all without it) in each theme and size, and calls `visit` on it. Chromium is
 * found by CHROMIUM or at /usr/bin/chromium. Returns how many pages threw.
 */
export async function visitPages({ themes, sizes, query = '' }, visit) {
  const only = flag('only', '');
  const server = await createServer({
    root: fileURLToPath(new URL('..', import.meta.url)),
    // A page that is looked at stays as it is, whatever is saved meanwhile.
    server: { port: 0, strictPort: false, hmr: false, watch: null },
    logLevel: 'warn',
  });
  await server.listen();
  const base = server.resolvedUrls?.local[0] ?? '';
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  let failures = 0;
  for (const theme of themes) {
    for (const [width, height] of sizes) {
      for (const one of pages) {
        if (only !== '' && !only.split(',').includes(one.name)) continue;
        const page = await browser.newPage({ viewport: { width, height }, reducedMotion: 'reduce' });
        page.on('pageerror', (error) => {
          failures += 1;
          console.error(`${one.name}: ${error.message}`);
        });
        page.setDefaultTimeout(PATIENCE);
        try {
          await page.goto(`${base}?${one.query}&theme=${theme}&${query}`);
          await page.locator('main').first().waitFor();
          await page.waitForLoadState('networkidle');
          await page.evaluate(() => document.fonts.ready);
          await one.act?.(page);
          await page.waitForTimeout(250);
          await visit(page, { name: one.name, theme, width, height });
        } catch (error) {
          // The other pages are looked at all the same.
          failures += 1;
          console.error(`${one.name} ${theme} ${width}: ${error.message}`);
        }
        await page.close();
      }
    }
  }
  await browser.close();
  await server.close();
  return failures;
}
