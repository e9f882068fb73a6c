/** A piece of a Python representation, and whether the other side has it too. */
export interface Piece {
  text: string;
  differs: boolean;
}

export interface Difference {
  expected: Piece[];
  actual: Piece[];
  /** Types of the first two values that look alike but are of different types. */
  types: { expected: string; actual: string } | null;
}

/** Above this the middle is marked as a whole: comparing each token would take too long to read, too. */
const TOKENS = 400;

const TOKEN =
  /[rbu]{0,2}(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|\d[\w.]*(?:[eE][-+]\d+)?|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|\s+|[^\s\w]/g;

function tokens(text: string): string[] {
  const found = text.match(TOKEN) ?? [];
  return found.join('') === text ? found : Array.from(text);
}

/** Python type of a representation, as far as one can see it; null when not. */
export function typeOf(repr: string): string | null {
  const text = repr.trim();
  const named: Record<string, string> = { None: 'None', True: 'bool', False: 'bool' };
  if (named[text]) {
    return named[text];
  }
  const rules: [RegExp, string][] = [
    [/^[bB][rR]?['"]/, 'bytes'],
    [/^[rRuU]?['"]/, 'str'],
    [/^[-+]?\d[\d_]*$/, 'int'],
    [/^[-+]?(\d+\.\d*|\d*\.\d+|\d+)(e[-+]?\d+)?$|^[-+]?(inf|nan)$/i, 'float'],
    [/^\[/, 'list'],
    [/^\(/, 'tuple'],
    [/^\{\s*\}$|^\{[^{]*?:/, 'dict'],
    [/^\{/, 'set']
  ];
  const rule = rules.find(([pattern]) => pattern.test(text));
  return rule ? rule[1] : (/^([A-Za-z_][\w.]*)\(/.exec(text)?.[1] ?? null);
}

/** The value without its clothes: '3', 3 and Decimal('3') all become 3. */
function bare(text: string): string {
  return text
    .trim()
    .replace(/^[A-Za-z_][\w.]*\((.*)\)$/s, '$1')
    .replace(/^[rRuUbB]{0,2}(['"])(.*)\1$/s, '$2')
    .replace(/^[[({](.*?),?[\])}]$/s, '$1')
    .replace(/^([-+]?\d+)\.0*$/, '$1');
}

function sameBare(a: string, b: string): boolean {
  const [left, right] = [bare(a), bare(b)];
  const numbers = left !== '' && right !== '' && Number(left) === Number(right);
  return left === right || numbers;
}

function alike(expected: string, actual: string): Difference['types'] {
  const types = { expected: typeOf(expected), actual: typeOf(actual) };
  if (!types.expected || !types.actual || types.expected === types.actual) {
    return null;
  }
  return sameBare(expected, actual) ? { expected: types.expected, actual: types.actual } : null;
}

/** Lengths of the longest common subsequences of all ends of both lists. */
function lengths(a: string[], b: string[]): Uint16Array[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const skip = Math.max(table[i + 1][j], table[i][j + 1]);
      table[i][j] = a[i] === b[j] ? table[i + 1][j + 1] + 1 : skip;
    }
  }
  return table;
}

/** Which tokens of two middles are shared. */
function commonMiddle(a: string[], b: string[]): [boolean[], boolean[]] {
  const inA = a.map(() => false);
  const inB = b.map(() => false);
  if (a.length > TOKENS || b.length > TOKENS) {
    return [inA, inB];
  }
  const table = lengths(a, b);
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      inA[i++] = inB[j++] = true;
    } else if (table[i + 1][j] >= table[i][j + 1]) {
      i++;
    } else {
      j++;
    }
  }
  return [inA, inB];
}

/** Which tokens both sides share: the same beginning, the same end, and what lies between. */
function common(a: string[], b: string[]): [boolean[], boolean[]] {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) {
    start++;
  }
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) {
    end++;
  }
  const [midA, midB] = commonMiddle(a.slice(start, a.length - end), b.slice(start, b.length - end));
  const around = (middle: boolean[]) => [
    ...new Array<boolean>(start).fill(true),
    ...middle,
    ...new Array<boolean>(end).fill(true)
  ];
  return [around(midA), around(midB)];
}

function pieces(parts: string[], shared: boolean[]): Piece[] {
  const result: Piece[] = [];
  parts.forEach((text, index) => {
    const differs = !shared[index];
    const last = result.at(-1);
    if (last?.differs === differs) {
      last.text += text;
    } else {
      result.push({ text, differs });
    }
  });
  return result;
}

function isText(repr: string): boolean {
  return typeOf(repr) === 'str' && tokens(repr.trim()).length === 1;
}

/** What differs between two Python representations: letters in two strings, else whole tokens. */
export function compare(expected: string, actual: string): Difference {
  const split = isText(expected) && isText(actual) ? (text: string) => Array.from(text) : tokens;
  const a = split(expected);
  const b = split(actual);
  const [inA, inB] = common(a, b);
  const sides = { expected: pieces(a, inA), actual: pieces(b, inB) };
  const spaces = expected.replace(/\s/g, '') === actual.replace(/\s/g, '');
  return {
    expected: sides.expected.map(piece => showSpaces(piece, spaces)),
    actual: sides.actual.map(piece => showSpaces(piece, spaces)),
    types: alike(expected, actual) ?? nested(sides.expected, sides.actual)
  };
}

/** Makes white space visible where it is what differs. */
function showSpaces(piece: Piece, always: boolean): Piece {
  const shown = piece.differs && (always || piece.text.trim() === '');
  return shown ? { ...piece, text: visible(piece.text) } : piece;
}

/** The same inside a container, when exactly one part on each side differs. */
function nested(expected: Piece[], actual: Piece[]): Difference['types'] {
  const [a, b] = [expected, actual].map(side => side.filter(piece => piece.differs));
  return a.length === 1 && b.length === 1 ? alike(a[0].text, b[0].text) : null;
}

function visible(text: string): string {
  return text.replace(/ /g, '·').replace(/\t/g, '⇥').replace(/\n/g, '↵\n');
}
