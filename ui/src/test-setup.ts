import { afterEach } from 'vitest';

// Settings of the page live on the root element; one test must not leave them to the next.
afterEach(() => {
  for (const name of document.documentElement.getAttributeNames()) document.documentElement.removeAttribute(name);
});
