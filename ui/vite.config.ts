import { readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';
import type { Plugin } from 'vite';

/** The fonts travel under the SIL Open Font License, which asks that its text goes with them. */
const fonts = [
  ['inter', 'inter-ui/LICENSE.txt'],
  ['jetbrains-mono', '@fontsource-variable/jetbrains-mono/LICENSE'],
] as const;

function fontLicences(): Plugin {
  return {
    name: 'font-licences',
    apply: 'build',
    generateBundle() {
      for (const [font, file] of fonts) {
        this.emitFile({
          type: 'asset',
          fileName: `assets/${font}.LICENSE.txt`,
          source: readFileSync(new URL(`./node_modules/${file}`, import.meta.url)),
        });
      }
    },
  };
}

export default defineConfig({
  plugins: [svelte(), svelteTesting(), fontLicences()],
  clearScreen: false,
  server: { port: 5173, strictPort: true },
  build: {
    // WebKitGTK 2.50 and the web views of macOS 13 and Windows all read this level.
    target: 'safari16',
    // The content security policy of the app allows no inline script and no data: font.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/test-setup.ts'],
    testTimeout: 60_000,
  },
});
