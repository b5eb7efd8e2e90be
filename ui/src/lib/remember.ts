/**
 * Keeps answers of a pure function of a text. In a chat of a thousand messages all but one are as they were at the last
 * key press, and their answers with them.
 */
export function remember<Answer>(answer: (text: string) => Answer, most = 4000): (text: string) => Answer {
  const known = new Map<string, Answer>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const fresh = answer(text);
    // What was asked first goes first; a text that is still on screen is simply worked out again.
    if (known.size >= most) known.delete(known.keys().next().value ?? '');
    known.set(text, fresh);
    return fresh;
  };
}
