// For component tests: one component inside a started app on the in-memory host.
import { render } from '@testing-library/svelte';
import type { Component } from 'svelte';
import { MemoryHost, type MemoryOptions } from '../../platform/memory';
import { App, type Section } from '../../state/app.svelte';
import { allActions } from '../all-actions';
import WithApp from './WithApp.svelte';

export interface Shown {
  app: App;
  host: MemoryHost;
}

export async function show(
  component: Component,
  section: Section = 'compare',
  options: MemoryOptions = {},
): Promise<Shown> {
  const host = new MemoryHost(options);
  const app = new App(host);
  await app.start(section);
  app.actions.register(allActions(app));
  render(WithApp, { app, shows: component });
  return { app, host };
}
