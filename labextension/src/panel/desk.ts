import type { Client } from '../api/client';
import { AttemptsModel } from '../attempts/model';
import type { Outbox } from '../attempts/outbox';
import { HintsModel } from '../hints/model';
import type { ServiceModel } from '../status/model';
import { TaskModel } from '../task/model';
import { TutorModel } from '../tutor/model';

/** Everything about one problem. */
export class Desk {
  constructor(
    readonly slug: string,
    private readonly _service: ServiceModel,
    client: Client,
    outbox: Outbox
  ) {
    this.task = new TaskModel(slug, client, _service);
    this.attempts = new AttemptsModel(slug, client, _service, outbox);
    this.hints = new HintsModel(slug, client, _service);
    this.tutor = new TutorModel(slug, client, _service);
  }

  readonly task: TaskModel;
  readonly attempts: AttemptsModel;
  readonly hints: HintsModel;
  readonly tutor: TutorModel;

  /** Loads what is not there yet; called when the problem comes to the front and when the service is back. */
  async load(): Promise<void> {
    if (this._service.phase !== 'ready') {
      return;
    }
    await Promise.all([
      this.task.problem ? null : this.task.load(),
      this.attempts.load(),
      this.hints.load(),
      this.tutor.busy ? null : this.tutor.load()
    ]);
  }
}
