import { VDomModel } from '@jupyterlab/ui-components';

import type { Client } from '../api/client';
import { sentenceOf } from '../api/errors';
import type { MessageType, TutorDelta, TutorMessage } from '../api/shapes';
import { readEvents } from '../api/sse';
import { Drawer } from '../common/drawer';
import type { ServiceModel } from '../status/model';

/** The conversation about one problem, or the general one (slug null). */
export class TutorModel extends VDomModel {
  constructor(
    readonly slug: string | null,
    private readonly _client: Client,
    private readonly _service: ServiceModel
  ) {
    super();
    const prefix = `pythonmastery:draft:${_client.settings.baseUrl}:`;
    this._drawer = new Drawer(prefix, () => window.sessionStorage);
    this._draft = this._drawer.take(slug ?? '') ?? '';
  }

  /** Oldest first. */
  get messages(): readonly TutorMessage[] {
    return this._messages;
  }

  get hasEarlier(): boolean {
    return this._before !== null;
  }

  get loaded(): boolean {
    return this._loaded;
  }

  /** A question is on its way or being answered. */
  get busy(): boolean {
    return this._line !== null;
  }

  get error(): string | null {
    return this._error;
  }

  /** What is in the box; it outlives a change of tabs and problems, a reload, and a question that was not sent. */
  get draft(): string {
    return this._draft;
  }

  write(draft: string): void {
    this._keep(draft);
    this.stateChanged.emit();
  }

  override dispose(): void {
    this.stop();
    super.dispose();
  }

  async load(): Promise<void> {
    await this._page(null);
  }

  async earlier(): Promise<void> {
    await this._page(this._before);
  }

  stop(): void {
    this._line?.abort();
  }

  async ask(type: MessageType, message: string, code: string | null): Promise<void> {
    if (this._line) {
      return;
    }
    const line = (this._line = new AbortController());
    this._error = null;
    // The browser keeps it until the service has it.
    this._draft = '';
    this._asked = null;
    this.stateChanged.emit();
    try {
      const response = await this._client.ask(
        { problem: this.slug, message_type: type, message, code },
        line.signal
      );
      for await (const { event, data } of readEvents(response)) {
        this._take(event, JSON.parse(data));
      }
      this._cut();
    } catch (error) {
      this._broke(error, message, line.signal.aborted);
    } finally {
      this._line = null;
      this._service.look();
      this.stateChanged.emit();
    }
  }

  /** Shows the rating at once; takes it back when the server does not. */
  async rate(id: string, rating: number): Promise<void> {
    const before = this._find(id);
    if (!before) {
      return;
    }
    this._replace({ ...before, rating });
    this.stateChanged.emit();
    try {
      this._replace(await this._client.rate(id, rating));
    } catch (error) {
      this._replace(before);
      this._service.note(error);
      this._error = sentenceOf(error);
    }
    this.stateChanged.emit();
  }

  private async _page(before: string | null): Promise<void> {
    try {
      const page = await this._client.tutorMessages(this.slug, before);
      const older = [...page.messages].reverse();
      this._messages = before === null ? older : [...older, ...this._messages];
      this._before = page.before;
      this._loaded = true;
      this._error = null;
    } catch (error) {
      if (!this._service.note(error)) {
        this._error = sentenceOf(error);
      }
    }
    this.stateChanged.emit();
  }

  private _take(event: string, data: unknown): void {
    if (event === 'start') {
      this._keep(this._draft);
      this._asked = (data as TutorMessage).id;
      this._messages = [...this._messages, data as TutorMessage];
    } else if (event === 'delta' && this._asked) {
      const message = this._find(this._asked);
      if (message) {
        const ai_response = message.ai_response + (data as TutorDelta).text;
        this._replace({ ...message, ai_response });
      }
    } else if (event === 'done') {
      this._replace(data as TutorMessage);
    }
    this.stateChanged.emit();
  }

  private _broke(error: unknown, message: string, stopped: boolean): void {
    if (this._asked === null) {
      this._keep(this._draft || message);
      if (!stopped) {
        this._service.note(error);
        this._error = sentenceOf(error);
      }
    }
    this._cut();
  }

  /** The stream ended without its last word: what was shown stays, and says that it was cut. */
  private _cut(): void {
    const message = this._asked === null ? null : this._find(this._asked);
    if (message?.state === 'streaming') {
      this._replace({ ...message, state: 'cut' });
    }
  }

  private _keep(draft: string): void {
    this._draft = draft;
    if (draft) {
      this._drawer.put(this.slug ?? '', draft);
    } else {
      this._drawer.drop(this.slug ?? '');
    }
  }

  private _find(id: string): TutorMessage | null {
    return this._messages.find(message => message.id === id) ?? null;
  }

  private _replace(message: TutorMessage): void {
    this._messages = this._messages.map(other => (other.id === message.id ? message : other));
  }

  private readonly _drawer: Drawer<string>;
  private _messages: TutorMessage[] = [];
  private _before: string | null = null;
  private _loaded = false;
  private _line: AbortController | null = null;
  private _asked: string | null = null;
  private _error: string | null = null;
  private _draft = '';
}
