import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tokensCss } from '../../scripts/tokens.mjs';
import tokens from './tokens.json';

type Theme = 'light' | 'dark';
type Colors = Record<string, Record<Theme, string>>;
const normal = tokens.color as Colors;
const more = { ...normal, ...(tokens.colorHighContrast as Colors) };

function luminance(hex: string): number {
  const channel = (at: number) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(colors: Colors, theme: Theme, front: string, back: string): number {
  const hex = (name: string) => colors[name]?.[theme] ?? '';
  const [a, b] = [luminance(hex(front)), luminance(hex(back))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

const grounds = ['bg.canvas', 'bg.surface', 'bg.raised', 'bg.sunken', 'bg.hover'];
const over = (fronts: string[], backs: string[]) =>
  fronts.flatMap((front) => backs.map((back) => [front, back] as const));

/** Text and what it stands on, as the components put them together. */
const text = [
  ...over(['fg.default', 'fg.muted', 'fg.subtle'], grounds),
  ...over(['fg.default', 'fg.muted'], ['bg.press', 'bg.selected']),
  ...over(['accent.text'], [...grounds, 'accent.soft', 'bg.selected']),
  ...over(['ok.text', 'warn.text', 'bad.text'], ['bg.canvas', 'bg.surface', 'bg.raised', 'bg.hover']),
  ...over(['accent.on'], ['accent.solid', 'accent.solidHover']),
  ['ok.text', 'ok.soft'],
  ['warn.text', 'warn.soft'],
  ['bad.text', 'bad.soft'],
  ['fg.default', 'bad.soft'],
  ['fg.muted', 'bad.soft'],
] as const;

/** Marks and the edges of controls. */
const marks = [
  ...over(['line.control', 'focus.ring', 'accent.solid', 'accent.text'], ['bg.canvas', 'bg.surface']),
  ...over(['ok.mark', 'warn.mark', 'bad.mark', 'chart.1', 'chart.2', 'chart.3'], ['bg.surface']),
] as const;

describe.each(['light', 'dark'] as const)('the %s theme', (theme) => {
  it.each(text)('keeps %s on %s at 4.5 to 1', (front, back) => {
    expect(contrast(normal, theme, front, back)).toBeGreaterThanOrEqual(4.5);
  });
  it.each(marks)('keeps the mark %s on %s at 3 to 1', (front, back) => {
    expect(contrast(normal, theme, front, back)).toBeGreaterThanOrEqual(3);
  });
  // Tints keep their colour when there is more contrast, so only text on the grounds is asked for 7.
  it.each(
    over(
      ['fg.default', 'fg.muted', 'fg.subtle', 'accent.text', 'ok.text', 'warn.text', 'bad.text'],
      ['bg.canvas', 'bg.surface', 'bg.raised', 'bg.sunken'],
    ),
  )('with more contrast keeps %s on %s at 7 to 1', (front, back) =>
    expect(contrast(more, theme, front, back)).toBeGreaterThanOrEqual(7),
  );
  it.each(over(['accent.on'], ['accent.solid', 'accent.solidHover']))(
    'with more contrast keeps %s on %s at 7 to 1',
    (front, back) => {
      expect(contrast(more, theme, front, back)).toBeGreaterThanOrEqual(7);
    },
  );
  it('with more contrast draws lines at 5 to 1', () => {
    for (const [front, back] of over(['line.hair', 'line.strong', 'line.control'], ['bg.canvas', 'bg.surface'])) {
      expect(contrast(more, theme, front, back), `${front} on ${back}`).toBeGreaterThanOrEqual(5);
    }
  });
});

describe('tokens.css', () => {
  const css = readFileSync('src/styles/tokens.css', 'utf8');

  it('is what the script makes of tokens.json', () => {
    expect(css, 'run npm run tokens').toBe(tokensCss(tokens));
  });

  it('has every colour for every theme', () => {
    for (const name of Object.keys(normal)) {
      const count = css.split(`--${name.replaceAll('.', '-')}:`).length - 1;
      expect(count, name).toBeGreaterThanOrEqual(3);
    }
  });
});
