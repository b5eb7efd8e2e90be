import { configure } from '@testing-library/svelte';
import { afterEach } from 'vitest';

// What a page loads on demand comes late on a busy machine; a test fails by what it sees, not by when.
configure({ asyncUtilTimeout: 15_000 });

// Settings of the page live on the root element; one test must not leave them to the next.
afterEach(() => {
  for (const name of document.documentElement.getAttributeNames()) document.documentElement.removeAttribute(name);
});
