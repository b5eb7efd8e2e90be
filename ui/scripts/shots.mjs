// Pictures of every page at two sizes and in both themes, made with the in-memory host in Chromium.
// `npm run shots -- --out DIR --only compare,start --size 1440x900 --theme dark --query contrast=more`
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { flag, visitPages } from './pages.mjs';

const out = flag('out', fileURLToPath(new URL('../../target/shots', import.meta.url)));
const sizes = flag('size', '1440x900,1000x700')
  .split(',')
  .map((size) => size.split('x').map(Number));
const themes = flag('theme', 'light,dark').split(',');

mkdirSync(out, { recursive: true });
const failures = await visitPages({ themes, sizes, query: flag('query', '') }, (page, { name, theme, width, height }) =>
  page.screenshot({ path: join(out, `${name}-${theme}-${width}x${height}.png`) }),
);
process.exit(failures === 0 ? 0 : 1);
