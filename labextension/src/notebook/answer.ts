/** What the finder needs to know of a cell. */
export interface PlainCell {
  type: string;
  source: string;
  metadata: unknown;
}

export type Answer =
  | { state: 'found'; index: number }
  | { state: 'missing' }
  /** Indexes of all cells that say they are the answer. */
  | { state: 'copied'; indexes: number[] }
  /** Names that the tests need are not in the answer cell but in another one. */
  | { state: 'split'; index: number; names: string[]; elsewhere: number };

interface Mark {
  kind?: string;
  key?: string;
  role?: string;
  slug?: string;
  version?: string;
}

function markOf(metadata: unknown): Mark {
  const mark =
    metadata && typeof metadata === 'object'
      ? (metadata as { pythonmastery?: unknown }).pythonmastery
      : null;
  return mark && typeof mark === 'object' ? mark : {};
}

/** Which problem a notebook is about; null when it is not one of ours. */
export function problemOf(metadata: unknown): { slug: string; version: string } | null {
  const mark = markOf(metadata);
  return mark.kind === 'problem-student' && mark.slug
    ? { slug: mark.slug, version: mark.version ?? '' }
    : null;
}

/** What a cell is for: given, answer, sample …; null for the learner's own cells. */
export function roleOf(metadata: unknown): string | null {
  const mark = markOf(metadata);
  return mark.key === 'answer' ? 'answer' : (mark.role ?? null);
}

function isAnswer(cell: PlainCell): boolean {
  return cell.type === 'code' && roleOf(cell.metadata) === 'answer';
}

/** Whether the source binds the name at top level (function, class, variable or import). */
export function defines(source: string, name: string): boolean {
  const word = name.replace(/[^\w]/g, '\\$&');
  return new RegExp(
    `^(?:async\\s+def|def|class)\\s+${word}\\b` +
      `|^(?:\\w+\\s*,\\s*)*${word}\\s*(?:,[^=\\n]*|:[^=\\n]*)?=(?!=)` +
      `|^(?:from\\s+\\S+\\s+)?import\\b.*\\b${word}\\b`,
    'm'
  ).test(source);
}

/** Finds the answer cell, or says what is wrong with the notebook before anything is sent. */
export function findAnswer(cells: PlainCell[], entry: readonly string[]): Answer {
  const indexes = cells.flatMap((cell, index) => (isAnswer(cell) ? [index] : []));
  if (indexes.length === 0) {
    return { state: 'missing' };
  }
  if (indexes.length > 1) {
    return { state: 'copied', indexes };
  }
  const [index] = indexes;
  const lacking = entry.filter(name => !defines(cells[index].source, name));
  const elsewhere = cells.findIndex(
    (cell, other) =>
      other !== index &&
      cell.type === 'code' &&
      roleOf(cell.metadata) === null &&
      lacking.some(name => defines(cell.source, name))
  );
  if (elsewhere >= 0) {
    const names = lacking.filter(name => defines(cells[elsewhere].source, name));
    return { state: 'split', index, names, elsewhere };
  }
  return { state: 'found', index };
}
