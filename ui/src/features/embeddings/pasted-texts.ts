// A pasted text as a list of texts.

export type Cut = 'line' | 'paragraph';

/** Each line that is not empty, or each block between empty lines. Nothing else of them is changed. */
export function textsOf(pasted: string, cut: Cut): string[] {
  const whole = pasted.replaceAll('\r\n', '\n');
  const parts =
    cut === 'line' ? whole.split('\n') : whole.split(/\n[^\S\n]*\n\s*/).map((part) => part.replace(/^\n+|\n+$/g, ''));
  return parts.filter((part) => part.trim() !== '');
}
