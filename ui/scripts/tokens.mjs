// Writes src/styles/tokens.css from src/styles/tokens.json. `--print` writes to the terminal instead, for the test
// that keeps both in step.
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const source = new URL('../src/styles/tokens.json', import.meta.url);
const target = new URL('../src/styles/tokens.css', import.meta.url);

const dashed = (name) => name.replaceAll('.', '-');

function colors(set, theme) {
  return Object.entries(set).map(([name, value]) => `--${dashed(name)}: ${value[theme]};`);
}

function shadows(set, theme) {
  return Object.entries(set).map(([name, value]) => `--shadow-${name}: ${value[theme]};`);
}

function fontStack(names) {
  const generic = new Set(['sans-serif', 'monospace', 'ui-monospace', '-apple-system', 'BlinkMacSystemFont']);
  return names.map((name) => (generic.has(name) || !name.includes(' ') ? name : `"${name}"`)).join(', ');
}

function fixed(tokens) {
  const lines = [`--font-ui: ${fontStack(tokens.font.ui)};`, `--font-mono: ${fontStack(tokens.font.mono)};`];
  for (const [name, style] of Object.entries(tokens.type)) {
    const family = name.startsWith('mono') ? 'mono' : 'ui';
    lines.push(`--type-${name}: ${style.weight} ${style.size}px/${style.line}px var(--font-${family});`);
  }
  for (const [name, pixels] of Object.entries(tokens.space)) lines.push(`--s-${name}: ${pixels}px;`);
  for (const [name, pixels] of Object.entries(tokens.size)) lines.push(`--size-${name}: ${pixels}px;`);
  for (const [name, pixels] of Object.entries(tokens.radius)) lines.push(`--r-${name}: ${pixels}px;`);
  for (const name of ['press', 'hover', 'pop', 'panel']) lines.push(`--t-${name}: ${tokens.motion[name]}ms;`);
  lines.push(`--ease: ${tokens.motion.ease};`);
  for (const [name, level] of Object.entries(tokens.z)) lines.push(`--z-${name}: ${level};`);
  return lines;
}

function rule(selector, lines, media) {
  const body = lines.map((line) => `  ${line}`).join('\n');
  const block = `${selector} {\n${body}\n}`;
  return media ? `@media ${media} {\n${block.replace(/^/gm, '  ')}\n}` : block;
}

/** @param {any} tokens */
export function tokensCss(tokens) {
  const light = ['color-scheme: light;', ...colors(tokens.color, 'light'), ...shadows(tokens.shadow, 'light')];
  const dark = ['color-scheme: dark;', ...colors(tokens.color, 'dark'), ...shadows(tokens.shadow, 'dark')];
  const moreLight = colors(tokens.colorHighContrast, 'light');
  const moreDark = colors(tokens.colorHighContrast, 'dark');
  const still = ['--t-press: 0ms;', '--t-hover: 0ms;', '--t-pop: 0ms;', '--t-panel: 0ms;'];
  const systemDark = '(prefers-color-scheme: dark)';
  const systemMore = '(prefers-contrast: more)';
  return [
    '/* Generated from tokens.json by scripts/tokens.mjs. */',
    rule(':root', [...light, ...fixed(tokens)]),
    rule(":root[data-theme='dark']", dark),
    rule(':root:not([data-theme])', dark, systemDark),
    rule(":root[data-contrast='more']", moreLight),
    rule(":root[data-contrast='more'][data-theme='dark']", moreDark),
    rule(":root[data-contrast='more']:not([data-theme])", moreDark, systemDark),
    rule(':root:not([data-contrast])', moreLight, systemMore),
    rule(":root:not([data-contrast])[data-theme='dark']", moreDark, systemMore),
    rule(':root:not([data-contrast]):not([data-theme])', moreDark, `${systemMore} and ${systemDark}`),
    rule(":root[data-density='comfortable']", ['--size-row: 32px;', '--size-rowDense: 28px;', '--size-rowWire: 26px;']),
    rule(':root', ['--size-row: 32px;', '--size-rowDense: 28px;', '--size-rowWire: 26px;'], '(pointer: coarse)'),
    rule(':root', still, '(prefers-reduced-motion: reduce)'),
    '',
  ].join('\n\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const css = tokensCss(JSON.parse(readFileSync(source, 'utf8')));
  if (process.argv.includes('--print')) process.stdout.write(css);
  else writeFileSync(target, css);
}
