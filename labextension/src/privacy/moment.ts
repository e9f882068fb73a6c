/** A moment of the wire in the reader's own time zone. */
export function moment(text: string): string {
  return new Date(text).toLocaleString(undefined, { dateStyle: 'long', timeStyle: 'short' });
}
