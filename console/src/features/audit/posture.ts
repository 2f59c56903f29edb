import type { Checkpoint, Posture, PostureProof } from "@/api/types";
import { history, overall, sameTree, signature, step, type Proven } from "./proofs";
import { fromBase64, parseNote, same } from "./verify";

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
  const late = entries.filter((entry) => entry.index >= then.size);
  const wrong = differing(proof, stand);
  const steps = [
    step("The checkpoint of that time is the signed one", `size ${then.size.toLocaleString("en")}`, then.size === proof.checkpoint.size && same(then.root, rootOf(proof.checkpoint.root, then.root))),
    await signature(then, log),
    step("Today's log continues that checkpoint", `size ${now.size.toLocaleString("en")}`, await sameTree(then.size, then.root, now)),
    await history(now, log),
    step(late.length === 0 ? "Every entry used stands in that checkpoint" : "Entries are younger than the checkpoint", `${entries.length.toLocaleString("en")} entries`, late.length === 0),
    step(wrong.length === 0 ? "Every status shown is what the log recorded" : `Shown otherwise than recorded: ${wrong.slice(0, 5).join(", ")}`, `${entries.length - wrong.length} controls`, wrong.length === 0),
  ];
  return { steps, ms: performance.now() - start, verdict: overall(steps) };
}

// The root comes as base64 or as hex, depending on who wrote it.
function rootOf(text: string, like: Uint8Array): Uint8Array {
  if (/^[0-9a-f]{64}$/i.test(text)) return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return text === "" ? like : fromBase64(text);
}
