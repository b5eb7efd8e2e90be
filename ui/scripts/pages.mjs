// The pages that pictures and checks are made of: a name, where it starts, and what is done there.
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';

const press = (page, key) => page.keyboard.press(key);

async function runAll(page) {
  await press(page, 'Control+Enter');
  await page.waitForTimeout(1700);
}

/** Runs an entry of the palette by its name. */
async function command(page, title) {
  await press(page, 'Control+k');
  await page.getByRole('combobox', { name: 'Search or run a command' }).fill(`>${title}`);
  await press(page, 'Enter');
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
    server: { port: 0, strictPort: false },
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
        await page.goto(`${base}?${one.query}&theme=${theme}&${query}`);
        await page.locator('main').first().waitFor();
        await page.waitForLoadState('networkidle');
        await page.evaluate(() => document.fonts.ready);
        try {
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
