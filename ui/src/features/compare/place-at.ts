/** The character under a point: its text and its index there. */
export function placeAt(x: number, y: number): { node: Text; offset: number } | null {
  const caret = caretAt(x, y);
  if (!caret || !(caret.node instanceof Text)) return null;
  const { node } = caret;
  // A caret stands between two characters; the one meant is that under the point.
  const before = caret.offset - 1;
  const offset = before >= 0 && covers(node, before, x) ? before : caret.offset;
  return offset < node.length ? { node, offset } : before >= 0 ? { node, offset: before } : null;
}

function caretAt(x: number, y: number): { node: Node; offset: number } | null {
  if (document.caretPositionFromPoint) {
    const position = document.caretPositionFromPoint(x, y);
    return position && { node: position.offsetNode, offset: position.offset };
  }
  const range = document.caretRangeFromPoint?.(x, y);
  return range ? { node: range.startContainer, offset: range.startOffset } : null;
}

function covers(node: Text, index: number, x: number): boolean {
  const range = document.createRange();
  range.setStart(node, index);
  range.setEnd(node, index + 1);
  const { left, right } = range.getBoundingClientRect();
  return x >= left && x <= right;
}
