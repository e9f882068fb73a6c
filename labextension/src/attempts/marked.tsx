import type { Piece } from './diff';

/** A value with the pieces marked that the other side does not have. */
export function Marked({ pieces, kind }: { pieces: Piece[]; kind: 'ins' | 'del' }): JSX.Element {
  return (
    <code>
      {pieces.map((piece, index) =>
        piece.differs ? (
          <mark key={index} className={`pm-${kind}`}>
            {piece.text}
          </mark>
        ) : (
          <span key={index}>{piece.text}</span>
        )
      )}
    </code>
  );
}
