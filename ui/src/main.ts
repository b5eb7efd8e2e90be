import { mount } from 'svelte';
import './styles/tokens.css';
import './styles/fonts.css';
import './styles/base.css';
import './styles/rows.css';
import App from './App.svelte';
import { openHost } from './platform';
import { offerBench } from './platform/bench';
import { App as AppState } from './state/app.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no element with the id app');

const query = new URLSearchParams(location.search);
if (query.has('gallery')) {
  void import('./features/gallery/Gallery.svelte').then(({ default: Gallery }) => mount(Gallery, { target }));
} else {
  const { host, section } = await openHost();
  const app = new AppState(host);
  mount(App, { target, props: { app } });
  await app.start(section);
  // Benchmarks compare this moment with that of an empty window.
  requestAnimationFrame(() => performance.mark('juxta:interactive'));
  offerBench(app);
}
