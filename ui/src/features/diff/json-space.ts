/** JSON without the white space between its tokens; strings and numbers keep their spelling. The text must be JSON. */
export function withoutSpace(json: string): string {
  return json.replace(/"(?:[^"\\]|\\[^])*"|[ \t\n\r]+/g, (found) => (found.startsWith('"') ? found : ''));
}
