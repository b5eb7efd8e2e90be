// Measures the page in headless Chromium, fed from a worker, and prints one JSON line for each case.
// Usage: node scripts/bench-window.mjs [--url http://localhost:4173] [case …]   (a case is lanes x rate x tokens: 4x1000x20000)
import { existsSync } from 'node:fs';
import { preview } from 'vite';
import { chromium } from 'playwright-core';

const CASES = ['1x200x2000', '4x1000x20000', '12x300x5000', '1x0x20000', '4x0x20000'];
const words = process.argv.slice(2);
const at = words.indexOf('--url');
let address = at >= 0 ? words.splice(at, 2)[1] : null;
const server = address ? null : await preview({ preview: { port: 4199, strictPort: false }, logLevel: 'error' });
address ??= server.resolvedUrls.local[0];

const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (path) => path && existsSync(path),
);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
let failed = false;
for (const name of words.length > 0 ? words : CASES) {
  const [lanes, rate, tokens] = name.split('x').map(Number);
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on('pageerror', (error) => {
    failed = true;
    console.error(error);
  });
  const begin = Date.now();
  await page.goto(`${address.replace(/\/$/, '')}/?bench&lanes=${lanes}&rate=${rate}&tokens=${tokens}`);
  await page.waitForSelector('#bench', { state: 'attached', timeout: 300_000 });
  const report = JSON.parse(await page.textContent('#bench'));
  console.log(JSON.stringify({ case: name, seconds: (Date.now() - begin) / 1000, ...report }));
  if (report.characters !== report.expected) failed = true;
  await page.close();
}
await browser.close();
await server?.close();
process.exit(failed ? 1 : 0);
