const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** Makes HTML tags outside code plain text, so that an answer shows them instead of using them. */
export function escapeRawHtml(markdown: string): string {
  let fence: string | null = null;
  return markdown
    .split('\n')
    .map(line => {
      const mark = FENCE.exec(line)?.[1] ?? null;
      if (fence !== null) {
        if (mark?.startsWith(fence)) {
          fence = null;
        }
        return line;
      }
      if (mark) {
        fence = mark;
        return line;
      }
      return escapeLine(line);
    })
    .join('\n');
}

function escapeLine(line: string): string {
  return line
    .split(/(`+[^`]*`+)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/<(?=[a-z/!?])/gi, '&lt;')))
    .join('');
}
