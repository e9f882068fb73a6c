/** One event of a text/event-stream. */
export interface ServerEvent {
  event: string;
  data: string;
  id: string | null;
}

/**
 * Reads the text of an event stream piece by piece, wherever the pieces are cut.
 *
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class EventStreamParser {
  /** Returns the events that are complete with this piece. */
  push(text: string): ServerEvent[] {
    this._rest += text;
    const events: ServerEvent[] = [];
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(this._rest);
      if (!end) {
        return events;
      }
      const line = this._rest.slice(0, end.index);
      this._rest = this._rest.slice(end.index + end[0].length);
      const event = this._line(line);
      if (event) {
        events.push(event);
      }
    }
  }

  private _line(line: string): ServerEvent | null {
    if (line === '') {
      return this._dispatch();
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') {
      this._event = value;
    } else if (field === 'data') {
      this._data.push(value);
    } else if (field === 'id' && !value.includes('\0')) {
      this._id = value;
    }
    return null;
  }

  private _dispatch(): ServerEvent | null {
    const event =
      this._data.length > 0
        ? { event: this._event || 'message', data: this._data.join('\n'), id: this._id }
        : null;
    this._event = '';
    this._data = [];
    this._id = null;
    return event;
  }

  private _rest = '';
  private _event = '';
  private _data: string[] = [];
  private _id: string | null = null;
}

/** Reads a response as events until it ends; `alive` is called for each piece, heartbeats too. */
export async function* readEvents(
  response: Response,
  alive: () => void = () => undefined
): AsyncGenerator<ServerEvent> {
  const reader = response.body?.getReader();
  if (!reader) {
    return;
  }
  const decoder = new TextDecoder();
  const parser = new EventStreamParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        return;
      }
      alive();
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
