// Looks at every page as it is drawn: rules of axe, text below 11 px, and things to press that are too small.
// `npm run accessible -- --only compare`
import axe from 'axe-core';
import { flag, visitPages } from './pages.mjs';

const sizes = flag('size', '1440x900,900x600')
  .split(',')
  .map((size) => size.split('x').map(Number));
let findings = 0;

function smallThings() {
  const found = [];
  const shown = (element) =>
    element.checkVisibility({ opacityProperty: false }) && element.getBoundingClientRect().width > 0;
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
    if (own && shown(element) && parseFloat(getComputedStyle(element).fontSize) < 11) {
      found.push(`text below 11 px: ${element.textContent.trim().slice(0, 40)}`);
    }
  }
  return found;
}

const failures = await visitPages(
  { themes: flag('theme', 'light,dark').split(','), sizes, query: flag('query', '') },
  async (page, { name, theme, width }) => {
    await page.evaluate(axe.source);
    const violations = await page.evaluate(async () => {
      const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
      // Key hints and dates are drawn inside buttons and hidden from the name; the rule below would count them.
      const off = { 'label-content-name-mismatch': { enabled: false } };
      const result = await globalThis.axe.run(document, { runOnly: rules, rules: off });
      const isOfAnswer = (node) => document.querySelector(node.target[0])?.closest('.markdown');
      // The order of the headings in an answer is the model's, and a tip belongs to what it describes.
      const own = (id, node) =>
        (id === 'heading-order' && isOfAnswer(node)) || (id === 'region' && node.target[0] === '#tooltip');
      return result.violations.flatMap(({ id, nodes }) =>
        nodes
          .filter((node) => !own(id, node))
          .map((node) => `${id}: ${node.target.join(' ')} (${node.any[0]?.message ?? node.all[0]?.message ?? ''})`),
      );
    });
    for (const finding of [...violations, ...(await page.evaluate(smallThings))]) {
      findings += 1;
      console.log(`${name} ${theme} ${width}: ${finding}`);
    }
  },
);
process.exit(failures + findings === 0 ? 0 : 1);
