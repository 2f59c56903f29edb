import type { Checkpoint, Posture, PostureProof } from "@/api/types";
import { history, overall, sameTree, signature, step, type Proven } from "./proofs";
import { fromBase64, parseNote, rootFromInclusion, same, type Note } from "./verify";

/** differing lists the controls whose status on the page is not the one that the log last recorded. Controls the log never spoke of must not be assessed. */
export function differing(proof: Pick<PostureProof, "entries">, stand: Pick<Posture, "domains">): string[] {
  const said = new Map((proof.entries ?? []).map((entry) => [entry.control, entry.status]));
  return stand.domains.flatMap((domain) => domain.controls).filter((control) => (said.get(control.id) ?? "not-assessed") !== control.status).map((control) => control.id);
}

/** provePosture verifies a posture of the past: the checkpoint of that time is signed and part of today's log, and every status is what the log recorded. */
export async function provePosture(proof: PostureProof, stand: Posture, log: Checkpoint): Promise<Proven> {
  const start = performance.now();
  const [then, now] = [parseNote(proof.checkpoint.note), parseNote(log.checkpoint)];
  const entries = proof.entries ?? [];
  const wrong = differing(proof, stand);
  const outside = await unproven(proof, then);
  const steps = [
    step("The checkpoint of that time is the signed one", `size ${then.size.toLocaleString("en")}`, then.size === proof.checkpoint.size && same(then.root, rootOf(proof.checkpoint.root, then.root))),
    await signature(then, log),
    step("Today's log continues that checkpoint", `size ${now.size.toLocaleString("en")}`, await sameTree(then.size, then.root, now)),
    await history(now, log),
    step(outside.length === 0 ? "Every entry used is included in that checkpoint" : `Not included in that checkpoint: ${outside.slice(0, 5).join(", ")}`, `${entries.length.toLocaleString("en")} entries`, outside.length === 0),
    step(wrong.length === 0 ? "Every status shown is what the log recorded" : `Shown otherwise than recorded: ${wrong.slice(0, 5).join(", ")}`, `${entries.length - wrong.length} controls`, wrong.length === 0),
  ];
  return { steps, ms: performance.now() - start, verdict: overall(steps) };
}

// unproven lists the controls whose entry does not lead to the signed root.
async function unproven(proof: PostureProof, note: Note): Promise<string[]> {
  const bad: string[] = [];
  for (const entry of proof.entries ?? []) {
    const root = await rootFromInclusion(entry.index, note.size, fromBase64(entry.leafHash), (entry.hashes ?? []).map(fromBase64));
    if (root === undefined || !same(root, note.root)) bad.push(entry.control);
  }
  return bad;
}

// The root comes as base64 or as hex, depending on who wrote it.
function rootOf(text: string, like: Uint8Array): Uint8Array {
  if (/^[0-9a-f]{64}$/i.test(text)) return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return text === "" ? like : fromBase64(text);
}
