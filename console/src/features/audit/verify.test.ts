import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { consistent, leafHash, parseNote, rootFromInclusion, signedBy, toBase64 } from "./verify";

const bytes = (text: string) => new TextEncoder().encode(text);

// tree is the plain definition of RFC 9162 2.1.1, written apart from the code it tests.
async function tree(leaves: Uint8Array[]): Promise<Uint8Array> {
  const [only] = leaves;
  if (leaves.length === 1 && only) return only;
  const k = 2 ** Math.floor(Math.log2(leaves.length - 1));
  const [left, right] = [await tree(leaves.slice(0, k)), await tree(leaves.slice(k))];
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array([1, ...left, ...right])));
}

async function path(m: number, leaves: Uint8Array[]): Promise<Uint8Array[]> {
  if (leaves.length === 1) return [];
  const k = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return m < k ? [...(await path(m, leaves.slice(0, k))), await tree(leaves.slice(k))] : [...(await path(m - k, leaves.slice(k))), await tree(leaves.slice(0, k))];
}

async function subproof(m: number, leaves: Uint8Array[], whole: boolean): Promise<Uint8Array[]> {
  if (m === leaves.length) return whole ? [] : [await tree(leaves)];
  const k = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return m <= k ? [...(await subproof(m, leaves.slice(0, k), whole)), await tree(leaves.slice(k))] : [...(await subproof(m - k, leaves.slice(k), false)), await tree(leaves.slice(0, k))];
}

const leaves = await Promise.all(Array.from({ length: 21 }, (_, i) => leafHash(bytes(`entry ${i}`))));
const sizes = [1, 2, 3, 5, 8, 13, 16, 21];

describe("inclusion", () => {
  it.each(sizes)("proves every leaf of a tree of %i", async (size) => {
    const root = await tree(leaves.slice(0, size));
    for (let i = 0; i < size; i++) expect(await rootFromInclusion(i, size, leaves[i] ?? root, await path(i, leaves.slice(0, size)))).toEqual(root);
  });

  it("refuses another leaf, a path that is too short or too long, and an index outside", async () => {
    const root = await tree(leaves);
    const good = await path(6, leaves);
    expect(await rootFromInclusion(6, 21, leaves[7] ?? root, good)).not.toEqual(root);
    expect(await rootFromInclusion(6, 21, leaves[6] ?? root, good.slice(1))).not.toEqual(root);
    expect(await rootFromInclusion(6, 21, leaves[6] ?? root, [...good, root])).toBeUndefined();
    expect(await rootFromInclusion(21, 21, leaves[6] ?? root, good)).toBeUndefined();
  });
});

describe("consistency", () => {
  it.each(sizes)("proves that a tree of %i is the beginning of the whole", async (size) => {
    const proof = size === 21 ? [] : await subproof(size, leaves, true);
    expect(await consistent(size, 21, await tree(leaves.slice(0, size)), await tree(leaves), proof)).toBe(true);
  });

  it("refuses a log that was rewritten", async () => {
    const forged = [await leafHash(bytes("forged")), ...leaves.slice(1)];
    expect(await consistent(8, 21, await tree(leaves.slice(0, 8)), await tree(forged), await subproof(8, forged, true))).toBe(false);
    expect(await consistent(8, 21, await tree(leaves.slice(0, 8)), await tree(leaves), [])).toBe(false);
  });
});

describe("the signature of a checkpoint", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = new Uint8Array(publicKey.export({ format: "der", type: "spki" }).subarray(-32));
  const text = `thingward.example/log\n21\n${toBase64(leaves[0] ?? raw)}\n`;
  const note = `${text}\n— thingward.example/log ${toBase64(new Uint8Array([1, 2, 3, 4, ...sign(null, bytes(text), privateKey)]))}\n`;

  it("is good for the key that made it", async () => {
    const parsed = parseNote(note);
    expect(parsed.size).toBe(21);
    expect(await signedBy(parsed, raw)).toBe(true);
  });

  it("is bad for an altered size and for another key", async () => {
    expect(await signedBy(parseNote(note.replace("\n21\n", "\n22\n")), raw)).toBe(false);
    const other = new Uint8Array(generateKeyPairSync("ed25519").publicKey.export({ format: "der", type: "spki" }).subarray(-32));
    expect(await signedBy(parseNote(note), other)).toBe(false);
  });

  it("is refused when the text is no note", () => {
    expect(() => parseNote("nothing")).toThrow("no signed note");
  });
});
