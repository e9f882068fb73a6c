import { VDomModel } from '@jupyterlab/ui-components';

import type { Client } from '../api/client';
import { sentenceOf } from '../api/errors';
import type { Course, Next, ProblemSummary, Section } from '../api/shapes';
import type { ServiceModel } from '../status/model';

/** The course tree with the learner's state in it. */
export class CourseModel extends VDomModel {
  constructor(
    private readonly _client: Client,
    private readonly _service: ServiceModel
  ) {
    super();
  }

  get course(): Course | null {
    return this._course;
  }

  /** Why the course could not be loaded although the service is there. */
  get error(): string | null {
    return this._error;
  }

  /** Slug of the problem whose notebook is in front. */
  get current(): string | null {
    return this._current;
  }

  set current(slug: string | null) {
    if (slug !== this._current) {
      this._current = slug;
      this.stateChanged.emit();
    }
  }

  /** What the service would give this learner; else the first open problem of the course. */
  get next(): ProblemSummary | null {
    const slug = this._suits() ? this._lead?.problem : this._course?.next;
    return slug ? this.problem(slug) : null;
  }

  /** Why it is this one, in a sentence. */
  get why(): string | null {
    return this._suits() ? (this._lead?.why ?? null) : null;
  }

  problem(slug: string): ProblemSummary | null {
    return this._course?.problems.find(problem => problem.slug === slug) ?? null;
  }

  problemsOf(section: Section): ProblemSummary[] {
    return (this._course?.problems ?? [])
      .filter(problem => problem.section === section.slug)
      .sort((a, b) => a.order - b.order);
  }

  /** Loads the course; calls while one is under way make one more load after it. */
  async refresh(): Promise<void> {
    if (this._loading) {
      this._again = true;
      return;
    }
    this._loading = true;
    try {
      do {
        this._again = false;
        await this._load();
      } while (this._again);
    } finally {
      this._loading = false;
    }
  }

  private async _load(): Promise<void> {
    try {
      [this._course, this._lead] = await Promise.all([this._client.course(), this._client.next()]);
      this._error = null;
    } catch (error) {
      if (!this._service.note(error)) {
        this._error = sentenceOf(error);
      }
    }
    if (!this.isDisposed) {
      this.stateChanged.emit();
    }
  }

  /** Both were asked for at once, so that one may be a verdict older than the other. */
  private _suits(): boolean {
    const state = this.problem(this._lead?.problem ?? '')?.state;
    return state === 'new' || state === 'started';
  }

  private _course: Course | null = null;
  private _lead: Next | null = null;
  private _error: string | null = null;
  private _current: string | null = null;
  private _loading = false;
  private _again = false;
}
