import { get } from "@/api/client";
import type { Checkpoint, InclusionProof } from "@/api/types";
import { consistent, fromBase64, leafHash, parseNote, rootFromInclusion, same, signedBy, toBase64, type Note } from "./verify";
import { keepVisit, lastVisit } from "./visit";

export type Verdict = "good" | "bad" | "unknown";
export interface Step { text: string; detail: string; verdict: Verdict }
export interface Proven { steps: Step[]; ms: number; verdict: Verdict }

/** step is one thing that was checked. */
export function step(text: string, detail: string, good: boolean | undefined): Step {
  return { text, detail, verdict: good === undefined ? "unknown" : good ? "good" : "bad" };
}

/** overall is bad when any step is, and unknown when any could not be done. */
export function overall(steps: readonly Step[]): Verdict {
  if (steps.some((each) => each.verdict === "bad")) return "bad";
  return steps.length === 0 || steps.some((each) => each.verdict === "unknown") ? "unknown" : "good";
}

const short = (base64: string) => [...fromBase64(base64)].map((byte) => byte.toString(16).padStart(2, "0")).join("").replace(/^(.{6}).*(.{4})$/, "$1…$2");

/** signature checks that the log signed a checkpoint. */
export async function signature(note: Note, log: Checkpoint): Promise<Step> {
  const good = await signedBy(note, fromBase64(log.publicKey));
  return step(good === undefined ? "This browser cannot check Ed25519 signatures" : "Checkpoint signature good", note.origin, good);
}

/** history checks the checkpoint against what this browser saw last, with a consistency proof, and remembers it when good. */
export async function history(note: Note, log: Checkpoint): Promise<Step> {
  const before = lastVisit();
  const now = { publicKey: log.publicKey, size: note.size, root: toBase64(note.root) };
  if (before && before.publicKey !== log.publicKey) return step("The log's key is another than at your last visit", short(log.publicKey), false);
  if (!before || before.size === 0) {
    keepVisit(now);
    return step("First visit on this browser, remembered", `size ${note.size.toLocaleString("en")}`, true);
  }
  if (before.size > note.size) return step("The log is shorter than at your last visit", `size ${before.size.toLocaleString("en")}`, false);
  const good = await consistent(before.size, note.size, fromBase64(before.root), note.root, await consistency(before.size, note.size));
  if (good) keepVisit(now);
  return step(good ? "Consistent with your last visit" : "Not consistent with your last visit", `size ${before.size.toLocaleString("en")}`, good);
}

/** sameTree tells whether a root of some size and the signed one belong to one log; the server may prove to a size whose own checkpoint it no longer keeps. */
export async function sameTree(size: number, root: Uint8Array, note: Note): Promise<boolean> {
  if (size === note.size) return same(root, note.root);
  const [from, to] = size < note.size ? [size, note.size] : [note.size, size];
  const [first, second] = size < note.size ? [root, note.root] : [note.root, root];
  return consistent(from, to, first, second, await consistency(from, to));
}

async function consistency(from: number, to: number): Promise<Uint8Array[]> {
  if (from === to) return [];
  return ((await get<{ hashes: string[] | null }>("/audit/consistency", { from, to })).hashes ?? []).map(fromBase64);
}

/** proveCheckpoint verifies the newest checkpoint: its signature, and that it continues what was seen before. */
export async function proveCheckpoint(log: Checkpoint): Promise<Proven> {
  const start = performance.now();
  const note = parseNote(log.checkpoint);
  const root = step("The page shows the signed root", short(log.root), note.size === log.size && same(note.root, fromBase64(log.root)));
  const steps = [root, await signature(note, log), await history(note, log)];
  return { steps, ms: performance.now() - start, verdict: overall(steps) };
}

/** proveEntry verifies one entry: its hash from its bytes, its place in the tree, the checkpoint's signature, its history. */
export async function proveEntry(proof: InclusionProof, log: Checkpoint, body: string | undefined): Promise<Proven> {
  const start = performance.now();
  const note = parseNote(proof.checkpoint);
  const stated = fromBase64(proof.leafHash);
  const hash = body === undefined ? undefined : same(await leafHash(fromBase64(body)), stated);
  const path = (proof.hashes ?? []).map(fromBase64);
  const root = await rootFromInclusion(proof.index, proof.size, stated, path);
  const included = root !== undefined && (await sameTree(proof.size, root, note));
  const steps = [
    step(body === undefined ? "The entry's bytes are for auditors only; its hash is taken as stated" : "Entry hash recomputed", short(proof.leafHash), hash),
    step(`Included in the tree, ${path.length} ${path.length === 1 ? "hash" : "hashes"}`, `root ${short(toBase64(note.root))}`, included),
    await signature(note, log),
    await history(note, log),
  ];
  return { steps, ms: performance.now() - start, verdict: overall(steps) };
}
