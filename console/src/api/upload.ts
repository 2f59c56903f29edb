import { Problem } from "./problem";

export interface Sending { done: number; total: number }

/** upload sends a file and tells how far it is; fetch cannot tell, so this uses the browser's older way. */
export function upload<T>(path: string, file: Blob, media: string, onProgress: (sending: Sending) => void = () => undefined, method = "POST"): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, `/api/v1${path}`);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", media);
    request.upload.addEventListener("progress", (event) => onProgress({ done: event.loaded, total: event.total }));
    request.addEventListener("error", () => reject(new Problem(0, {})));
    request.addEventListener("load", () => {
      const body = read(request.responseText);
      if (request.status >= 400) reject(new Problem(request.status, body as object));
      else resolve(body as T);
    });
    request.send(file);
  });
}

function read(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return { detail: "the server answered without saying what" };
  }
}

/** sha256 computes the hash of a file here, so that what the server stored can be compared with what was sent. */
export async function sha256(file: Blob): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
