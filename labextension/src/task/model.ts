import { VDomModel } from '@jupyterlab/ui-components';

import type { Client } from '../api/client';
import { sentenceOf } from '../api/errors';
import type { Problem } from '../api/shapes';
import type { ServiceModel } from '../status/model';

/** One problem as the learner may know it. */
export class TaskModel extends VDomModel {
  constructor(
    readonly slug: string,
    private readonly _client: Client,
    private readonly _service: ServiceModel
  ) {
    super();
  }

  get problem(): Problem | null {
    return this._problem;
  }

  get error(): string | null {
    return this._error;
  }

  async load(): Promise<void> {
    try {
      this._problem = await this._client.problem(this.slug);
      this._error = null;
    } catch (error) {
      this._error = this._service.note(error) ? null : sentenceOf(error);
    }
    if (!this.isDisposed) {
      this.stateChanged.emit();
    }
  }

  private _problem: Problem | null = null;
  private _error: string | null = null;
}
