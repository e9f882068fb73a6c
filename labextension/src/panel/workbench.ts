import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

import type { Client } from '../api/client';
import { EventStream, type Notice } from '../api/events';
import { Outbox } from '../attempts/outbox';
import { CourseModel } from '../course/model';
import { ProfileModel } from '../profile/model';
import { ServiceModel } from '../status/model';
import { ConsentModel } from '../tutor/consentModel';
import { TutorModel } from '../tutor/model';
import { Desk } from './desk';

/** The models of the whole extension, and what an event changes in them. */
export class Workbench implements IDisposable {
  constructor(readonly client: Client) {
    this.service = new ServiceModel(client);
    this.course = new CourseModel(client, this.service);
    this.outbox = new Outbox(client, this.service);
    this.general = new TutorModel(null, client, this.service);
    this.consent = new ConsentModel(client, this.service);
    this.profile = new ProfileModel(client, this.service);
    this.profile.saved.connect(() => void this.course.refresh());
    this._events = new EventStream(client);
    this._events.notified.connect((_, notice) => this._take(notice));
    this._events.connected.connect((_, up) => this._onLine(up));
    this.service.arrived.connect(() => this._onArrival());
  }

  readonly service: ServiceModel;
  readonly course: CourseModel;
  readonly outbox: Outbox;
  /** The conversation that belongs to no problem. */
  readonly general: TutorModel;
  readonly consent: ConsentModel;
  readonly profile: ProfileModel;

  get notified(): ISignal<EventStream, Notice> {
    return this._events.notified;
  }

  get isDisposed(): boolean {
    return this._events.isDisposed;
  }

  dispose(): void {
    this._events.dispose();
    this.service.dispose();
  }

  start(): void {
    void this.service.run();
  }

  desk(slug: string): Desk {
    let desk = this._desks.get(slug);
    if (!desk) {
      desk = new Desk(slug, this.service, this.client, this.outbox);
      this._desks.set(slug, desk);
    }
    return desk;
  }

  /** The service is there, perhaps again: what was missed meanwhile is asked for. */
  private _onArrival(): void {
    if (!this._started) {
      this._started = true;
      void this._events.run();
      this.outbox.restore();
    }
    this._events.hurry();
    void this.course.refresh();
    void this._progress();
    void this.consent.load();
    if (this.profile.profile === null) {
      void this.profile.load();
    }
    if (!this.general.busy) {
      void this.general.load();
    }
    this._desks.forEach(desk => void desk.load());
  }

  private _onLine(up: boolean): void {
    if (!up) {
      this.service.look();
    }
  }

  private async _progress(): Promise<void> {
    try {
      this.service.progress = await this.client.progress();
    } catch (error) {
      this.service.note(error);
    }
  }

  private _take(notice: Notice): void {
    switch (notice.event) {
      case 'attempt.submitted':
      case 'attempt.graded':
        this._onAttempt(notice.data.problem, notice);
        break;
      case 'hint.opened':
        this._desks.get(notice.data.problem)?.hints.accept(notice.data);
        break;
      case 'progress.changed':
        this.service.progress = notice.data;
        void this.course.refresh();
        break;
      case 'course.changed':
        void this.course.refresh();
        this._desks.forEach(desk => void desk.task.load());
        break;
    }
  }

  private _onAttempt(slug: string, notice: Extract<Notice, { data: { tests: unknown } }>): void {
    const desk = this._desks.get(slug);
    desk?.attempts.accept(notice.data);
    if (notice.event === 'attempt.graded') {
      void this.course.refresh();
      // A failed attempt may open a hint; a passed one shows the debrief.
      void desk?.hints.load();
      void desk?.task.load();
    }
  }

  private readonly _events: EventStream;
  private readonly _desks = new Map<string, Desk>();
  private _started = false;
}
