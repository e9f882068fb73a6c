export interface Caret {
  /** The line below the code. */
  under: string;
  part: string;
}

/** The line under a line of code: spaces, then marks under the part that is meant; null for none. */
export function caretOf(text: string, column: number | null, end: number | null): Caret | null {
  const characters = Array.from(text);
  if (column === null || column < 1 || column > characters.length + 1) {
    return null;
  }
  const last = Math.max(end ?? column + 1, column + 1) - 1;
  const part = characters.slice(column - 1, last).join('');
  const before = characters.slice(0, column - 1).map(character => blankFor(character));
  return { under: before.join('') + '^'.repeat(Math.max(1, part.length)), part };
}

/** White space as wide as the character in a font of one width. */
function blankFor(character: string): string {
  return character === '\t' ? '\t' : wide(character) ? '\u3000' : ' ';
}

function wide(character: string): boolean {
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/.test(
    character
  );
}
