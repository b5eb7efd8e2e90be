/** Puts a tree into the document, and turns one into the next with as few changes as it takes. */
import type { Branch, Tree } from './tree';

export function create(tree: Tree): Node {
  if (typeof tree === 'string') return document.createTextNode(tree);
  const element = document.createElement(tree.tag);
  for (const name in tree.attributes) element.setAttribute(name, tree.attributes[name]!);
  for (const child of tree.children) element.append(create(child));
  return element;
}

/** `parent` shows `before` and shows `after` afterwards. Nodes of unchanged parts stay, and with them a selection. */
export function patch(parent: Node, before: readonly Tree[], after: readonly Tree[]): void {
  const shared = Math.min(before.length, after.length);
  for (let index = 0; index < shared; index += 1) {
    const old = before[index]!;
    const next = after[index]!;
    if (old === next) continue;
    const node = parent.childNodes[index]!;
    if (typeof old === 'string' && typeof next === 'string') setText(node as Text, old, next);
    else if (typeof old !== 'string' && typeof next !== 'string' && sameElement(old, next))
      patch(node, old.children, next.children);
    else parent.replaceChild(create(next), node);
  }
  for (let index = before.length - 1; index >= shared; index -= 1) parent.removeChild(parent.childNodes[index]!);
  for (let index = shared; index < after.length; index += 1) parent.appendChild(create(after[index]!));
}

export function setText(node: Text, before: string, after: string): void {
  if (after.length > before.length && after.startsWith(before)) node.appendData(after.slice(before.length));
  else node.data = after;
}

function sameElement(old: Branch, next: Branch): boolean {
  if (old.tag !== next.tag) return false;
  const names = Object.keys(old.attributes);
  return (
    names.length === Object.keys(next.attributes).length &&
    names.every((name) => old.attributes[name] === next.attributes[name])
  );
}
