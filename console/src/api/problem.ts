import type { Trouble } from "@/ui/parts/States";
import { words } from "@/words";

interface ProblemBody {
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  request?: string;
  errors?: { path?: string; message: string }[];
  policies?: string[];
  retryAfter?: number;
}

/** Problem is an error answer of the API (RFC 9457), or the lack of any answer. */
export class Problem extends Error {
  readonly status: number;
  readonly body: ProblemBody;
  constructor(status: number, body: ProblemBody) {
    super(body.detail ?? body.title ?? words.error.network);
    this.name = "Problem";
    this.status = status;
    this.body = body;
  }
  /** asksFor tells whether the server names this field as missing or wrong. */
  asksFor(path: string): boolean {
    return this.body.errors?.some((error) => error.path === path) ?? false;
  }
}

function remedy(problem: Problem): string | undefined {
  if (problem.status === 0) return words.error.networkRemedy;
  if (problem.body.retryAfter) return `Wait ${problem.body.retryAfter} s, then try again.`;
  if (problem.status === 403) return "Your role does not include this. Ask a system administrator, and name the request below.";
  if (problem.status === 401) return "Sign in again.";
  return undefined;
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** trouble turns any thrown thing into what a reader is told; `what` says what could not be done. */
export function trouble(error: unknown, what: string = words.error.title): Trouble {
  if (!(error instanceof Problem)) return { title: what, detail: error instanceof Error ? error.message : String(error) };
  const { body } = error;
  const todo = remedy(error);
  return {
    title: what,
    detail: sentenceCase(error.message),
    ...(todo ? { remedy: todo } : {}),
    ...(body.request ? { requestId: body.request } : {}),
    fields: (body.errors ?? []).map((each) => ({ name: each.path ?? "", message: each.message })),
  };
}
