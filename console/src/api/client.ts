import { Problem } from "./problem";

const prefix = "/api/v1";

export type Params = Record<string, string | number | boolean | undefined>;

/** query writes parameters behind a path, leaving out the empty ones. */
export function query(path: string, params: Params = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) if (value !== undefined && value !== "") search.set(key, String(value));
  const text = search.toString();
  return text === "" ? path : `${path}?${text}`;
}

async function call<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
  const answer = await ask(method, path, body, headers);
  if (answer.status === 204) return undefined as T;
  return (await answer.json()) as T;
}

async function ask(method: string, path: string, body: unknown, headers: Record<string, string>): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(prefix + path, {
      method,
      credentials: "same-origin",
      headers: { Accept: "application/json", ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Problem(0, {});
  }
  if (!answer.ok) throw new Problem(answer.status, await problemBody(answer));
  return answer;
}

async function problemBody(answer: Response): Promise<object> {
  try {
    return (await answer.json()) as object;
  } catch {
    return { title: answer.statusText, detail: `the server answered ${answer.status} without saying why` };
  }
}

/** get reads; send writes. Both throw a Problem when the server refuses or cannot be reached. */
export const get = <T>(path: string, params?: Params): Promise<T> => call<T>("GET", query(path, params));

/** send writes with the given method. */
export const send = <T>(method: "POST" | "PUT" | "DELETE", path: string, body: unknown = {}, headers?: Record<string, string>): Promise<T> => call<T>(method, path, body, headers);

/** Tagged is an answer with its version, to be sent back with a change so that nobody's work is overwritten. */
export interface Tagged<T> { value: T; tag: string }

/** getTagged reads with the version. */
export async function getTagged<T>(path: string): Promise<Tagged<T>> {
  const answer = await ask("GET", path, undefined, {});
  return { value: (await answer.json()) as T, tag: answer.headers.get("ETag") ?? "" };
}

/** part escapes one segment of a path. */
export const part = (text: string): string => encodeURIComponent(text);
