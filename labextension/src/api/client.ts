import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { Unreachable, refusalOf } from './errors';
import type {
  Attempt,
  AttemptIn,
  AttemptPage,
  Consent,
  Course,
  Erasure,
  Export,
  Hints,
  MyErasure,
  MyExport,
  Next,
  Problem,
  ProblemNotebook,
  Profile,
  Progress,
  Stats,
  Status,
  TutorMessage,
  TutorMessageIn,
  TutorPage
} from './shapes';

const ROOT = 'pythonmastery/api/v1';
/** Longer than a relay waits for the service; a server that hangs answers nothing at all. */
const STATUS_MS = 15_000;

function query(values: Record<string, string | number | null | undefined>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined) {
      params.set(name, String(value));
    }
  }
  const text = params.toString();
  return text ? `?${text}` : '';
}

/** The API, one method for each address; errors are `Refusal` and `Unreachable`. */
export class Client {
  constructor(readonly settings: ServerConnection.ISettings) {}

  status(): Promise<Status> {
    return this._read('status', { signal: AbortSignal.timeout(STATUS_MS) });
  }

  course(): Promise<Course> {
    return this._json('problems');
  }

  problem(slug: string): Promise<Problem> {
    return this._json(`problems/${encodeURIComponent(slug)}`);
  }

  notebook(slug: string): Promise<ProblemNotebook> {
    return this._json(`problems/${encodeURIComponent(slug)}/notebook`);
  }

  send(slug: string, attempt: AttemptIn): Promise<Attempt> {
    return this._json(`problems/${encodeURIComponent(slug)}/attempts`, attempt);
  }

  attempts(slug: string, before: string | null = null, limit = 20): Promise<AttemptPage> {
    return this._json(`problems/${encodeURIComponent(slug)}/attempts${query({ before, limit })}`);
  }

  attempt(id: string): Promise<Attempt> {
    return this._json(`attempts/${encodeURIComponent(id)}`);
  }

  hints(slug: string): Promise<Hints> {
    return this._json(`problems/${encodeURIComponent(slug)}/hints`);
  }

  openHint(slug: string, order: number): Promise<Hints> {
    return this._json(`problems/${encodeURIComponent(slug)}/hints/${order}`, {});
  }

  progress(): Promise<Progress> {
    return this._json('progress');
  }

  next(): Promise<Next> {
    return this._json('me/next');
  }

  stats(): Promise<Stats> {
    return this._json('me/stats');
  }

  profile(): Promise<Profile> {
    return this._json('me/profile');
  }

  /** Only what is in `change` changes; refused if the profile is no longer as `seen`. */
  changeProfile(change: object, seen: string | null): Promise<Profile> {
    return this._json('me/profile', { ...change, seen }, 'PATCH');
  }

  tutorMessages(problem: string | null, before: string | null = null): Promise<TutorPage> {
    return this._json(`tutor/messages${query({ problem, before, limit: 20 })}`);
  }

  rate(id: string, rating: number): Promise<TutorMessage> {
    return this._json(`tutor/messages/${encodeURIComponent(id)}/rating`, { rating });
  }

  consent(): Promise<Consent> {
    return this._json('tutor/consent');
  }

  decide(agreed: boolean, version: string): Promise<Consent> {
    return this._json('tutor/consent', { agreed, version }, 'PUT');
  }

  export(): Promise<MyExport> {
    return this._json('me/export');
  }

  /** The answer alone holds the link, below the API's root. */
  requestExport(): Promise<Export> {
    return this._json('me/export', {});
  }

  /** The zip behind the link, once. */
  async fetchExport(link: string): Promise<Blob> {
    return (await this._request(link, {})).blob();
  }

  erasure(): Promise<MyErasure> {
    return this._json('me/erasure');
  }

  requestErasure(confirm: string): Promise<Erasure> {
    return this._json('me/erasure', { confirm });
  }

  cancelErasure(): Promise<Erasure> {
    return this._json('me/erasure', {}, 'DELETE');
  }

  /** The answer's stream; ends when `signal` is aborted, which the server takes as "stop". */
  ask(message: TutorMessageIn, signal: AbortSignal): Promise<Response> {
    return this._request('tutor/messages', {
      method: 'POST',
      body: JSON.stringify(message),
      headers: { Accept: 'text/event-stream', 'Content-Type': 'application/json' },
      signal
    });
  }

  events(lastEventId: string | null, signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { Accept: 'text/event-stream' };
    if (lastEventId !== null) {
      headers['Last-Event-ID'] = lastEventId;
    }
    return this._request('events', { headers, signal });
  }

  private async _json<T>(path: string, body?: object, method = 'POST'): Promise<T> {
    return this._read(path, body === undefined ? {} : { method, body: JSON.stringify(body) });
  }

  private async _read<T>(path: string, init: RequestInit): Promise<T> {
    const response = await this._request(path, init);
    try {
      return (await response.json()) as T;
    } catch (error) {
      throw new Unreachable(error instanceof Error ? error.message : String(error));
    }
  }

  private async _request(path: string, init: RequestInit): Promise<Response> {
    const url = URLExt.join(this.settings.baseUrl, ROOT) + '/' + path;
    let response: Response;
    try {
      // "no-cache" keeps Jupyter's cache buster, a query argument without a name, out of the URL.
      // A redirect is the hub's: to another origin, if each person has a subdomain.
      response = await ServerConnection.makeRequest(
        url,
        { cache: 'no-cache', redirect: 'manual', ...init },
        this.settings
      );
    } catch (error) {
      throw new Unreachable(error instanceof Error ? error.message : String(error));
    }
    if (!response.ok) {
      throw await refusalOf(response);
    }
    return response;
  }
}
