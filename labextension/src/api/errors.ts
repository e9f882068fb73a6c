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
    readonly requestId: string | null
  ) {
    super(message);
  }
}

/** Whether the same request can be sent again later with a hope of success. */
export function isAway(error: unknown): boolean {
  return (
    error instanceof Unreachable ||
    (error instanceof Refusal && [502, 503, 504].includes(error.status))
  );
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

export async function refusalOf(response: Response): Promise<Refusal> {
  const body = bodyOf(await response.text());
  return new Refusal(
    response.status,
    body.code ?? 'unknown',
    body.message ?? `${response.status} ${response.statusText}`.trim(),
    seconds(response.headers.get('Retry-After')) ?? body.retry_after ?? null,
    body.request_id ?? response.headers.get('X-Request-Id')
  );
}
