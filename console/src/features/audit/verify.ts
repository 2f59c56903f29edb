// Verification in the reader's own browser. The log is a Merkle tree as RFC 6962 and RFC 9162 have it; its checkpoint is
// a signed note (C2SP tlog-checkpoint): text, an empty line, then signature lines. Nothing here trusts the server's word.

/** fromBase64 decodes; it throws on anything that is no base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

/** toBase64 is the other way round. */
export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

async function sha256(...parts: Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
}

/** leafHash is the hash of an entry's bytes (RFC 9162 2.1.1: a zero byte goes first). */
export const leafHash = (body: Uint8Array) => sha256(Uint8Array.of(0), body);

const nodeHash = (left: Uint8Array, right: Uint8Array) => sha256(Uint8Array.of(1), left, right);

/** same compares two hashes. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** rootFromInclusion walks an inclusion path from a leaf to the root (RFC 9162 2.1.3.2); undefined when the path has a wrong length. */
export async function rootFromInclusion(index: number, size: number, leaf: Uint8Array, path: readonly Uint8Array[]): Promise<Uint8Array | undefined> {
  if (index < 0 || index >= size) return undefined;
  let [fn, sn] = [index, size - 1];
  let hash = leaf;
  for (const step of path) {
    if (sn === 0) return undefined;
    if (fn % 2 === 1 || fn === sn) {
      hash = await nodeHash(step, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else hash = await nodeHash(hash, step);
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 ? hash : undefined;
}

/** consistent tells whether the tree of size `to` begins with the tree of size `from` (RFC 9162 2.1.4.2). */
export async function consistent(from: number, to: number, fromRoot: Uint8Array, toRoot: Uint8Array, path: readonly Uint8Array[]): Promise<boolean> {
  if (from === to) return path.length === 0 && same(fromRoot, toRoot);
  if (from <= 0 || from > to || path.length === 0) return from === 0;
  const steps = Number.isInteger(Math.log2(from)) ? [fromRoot, ...path] : [...path];
  let [fn, sn] = [from - 1, to - 1];
  while (fn % 2 === 1) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  let [first, second] = [steps[0] ?? fromRoot, steps[0] ?? fromRoot];
  for (const step of steps.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      first = await nodeHash(step, first);
      second = await nodeHash(step, second);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else second = await nodeHash(second, step);
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && same(first, fromRoot) && same(second, toRoot);
}

export interface Note { origin: string; size: number; root: Uint8Array; text: Uint8Array<ArrayBuffer>; signatures: { name: string; keyHash: Uint8Array; signature: Uint8Array<ArrayBuffer> }[] }

/** parseNote reads a checkpoint; it throws when the text is none. */
export function parseNote(note: string): Note {
  const split = note.indexOf("\n\n");
  if (split < 0) throw new Error("the checkpoint is no signed note");
  const text = note.slice(0, split + 1);
  const [origin = "", size = "", root = ""] = text.split("\n");
  if (!/^\d+$/.test(size)) throw new Error("the checkpoint names no size");
  const signatures = note.slice(split + 2).split("\n").filter((line) => line.startsWith("— ")).map((line) => {
    const [name = "", value = ""] = line.slice(2).split(" ");
    const bytes = fromBase64(value);
    return { name, keyHash: bytes.slice(0, 4), signature: bytes.slice(4) };
  });
  return { origin, size: Number(size), root: fromBase64(root), text: new TextEncoder().encode(text), signatures };
}

/** signedBy tells whether the log's Ed25519 key signed the note; undefined when this browser cannot check Ed25519. */
export async function signedBy(note: Note, publicKey: Uint8Array<ArrayBuffer>): Promise<boolean | undefined> {
  let key: CryptoKey;
  try {
    key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
  } catch {
    return undefined;
  }
  for (const each of note.signatures) {
    if (each.signature.length === 64 && (await crypto.subtle.verify("Ed25519", key, each.signature, note.text))) return true;
  }
  return false;
}
