import type { ErrorBody } from './shapes';

/** The server could not be reached at all; the message is the browser's own. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

/** The server answered with a refusal; the message is a sentence for the learner. */
export class Refusal extends Error {
  override name = 'Refusal';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Seconds after which the same request may succeed. */
    readonly retryAfter: number | null,
    readonly requestId: string | null,
    /** What is wrong with single fields of what was sent. */
    readonly fields: NonNullable<ErrorBody['fields']> = []
  ) {
    super(message);
  }
}

/** Code of an answer that is not ours: something before the service gave it. */
const FOREIGN = 'unknown';

/** What JupyterHub answers for a server that does not run. */
const NOT_RUNNING = 424;

/**
 * Whether the same request can be sent again later with a hope of success.
 *
 * A proxy that has just started knows no servers and answers 404.
 */
export function isAway(error: unknown): boolean {
  return (
    error instanceof Unreachable ||
    (error instanceof Refusal &&
      ([502, 503, 504].includes(error.status) ||
        (error.code === FOREIGN && [404, NOT_RUNNING].includes(error.status))))
  );
}

/** Whether the same request can succeed once the learner has signed in again. */
export function isSignedOut(error: unknown): boolean {
  return (
    error instanceof Refusal &&
    (error.status === 401 || (error.status === 403 && error.code === FOREIGN))
  );
}

/** Whether the learner's own server does not run: somebody has to start it again. */
export function isStopped(error: unknown): boolean {
  return error instanceof Refusal && error.code === FOREIGN && error.status === NOT_RUNNING;
}

/** Whether the service answered that it has nothing for this person. */
export function isTurnedAway(error: unknown): boolean {
  return error instanceof Refusal && error.status === 403 && error.code !== FOREIGN;
}

/** Whether it is the server that is signed out, and not the learner. */
export function isForgotten(error: unknown): boolean {
  return error instanceof Refusal && error.code === 'server_signed_out';
}

/** Whether the learner has to wait: for their turn, or until an admin opens the course again. */
export function isTooOften(error: unknown): boolean {
  return error instanceof Refusal && (error.status === 429 || error.code === 'submitting_paused');
}

/** Seconds that the server asked to wait, if it said so. */
export function waitOf(error: unknown): number | null {
  return error instanceof Refusal ? error.retryAfter : null;
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function seconds(header: string | null): number | null {
  const value = Number(header);
  return header !== null && Number.isFinite(value) && value >= 0 ? value : null;
}

function bodyOf(text: string): Partial<ErrorBody> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (parsed && typeof parsed === 'object' && 'error' in parsed) {
      return (parsed as { error: Partial<ErrorBody> }).error ?? {};
    }
  } catch {
    // A proxy answers with a page of its own: the status line is all there is to say.
  }
  return {};
}

/** What there is to say about an answer that is not ours. */
function plain({ status, statusText }: Response): string {
  return [401, 403].includes(status)
    ? 'You are signed out; sign in again in a new tab.'
    : `${status} ${statusText}`.trim();
}

export async function refusalOf(response: Response): Promise<Refusal> {
  if (response.type === 'opaqueredirect') {
    // Ours never send anybody elsewhere: it is the hub's, in place of the learner's server.
    return new Refusal(NOT_RUNNING, FOREIGN, 'Your JupyterLab server does not run.', null, null);
  }
  const body = bodyOf(await response.text());
  return new Refusal(
    response.status,
    body.code ?? FOREIGN,
    body.message ?? plain(response),
    seconds(response.headers.get('Retry-After')) ?? body.retry_after ?? null,
    body.request_id ?? response.headers.get('X-Request-Id'),
    body.fields ?? []
  );
}
