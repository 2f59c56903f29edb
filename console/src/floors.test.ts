import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const src = new URL(".", import.meta.url).pathname;
const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file) && !file.startsWith("api/generated/") && !file.endsWith(".e2e.ts"));

// floors are the folders of the console, lowest first: each may import itself and what lies below.
const floors: Record<string, readonly string[]> = {
  words: [],
  ui: ["words", "ui"],
  api: ["words", "ui", "api"],
  features: ["words", "ui", "api", "features"],
  routes: ["words", "ui", "api", "features", "routes"],
};

function imports(file: string): string[] {
  const found = readFileSync(join(src, file), "utf8").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g);
  return [...found].map((match) => match[1] ?? "");
}

// floorOf names the folder an import leads to; packages and files beside the importer lead nowhere.
function floorOf(file: string, path: string): string | undefined {
  if (path.startsWith("@/")) return path.slice(2).split("/")[0];
  return path.startsWith("../") ? join(file, "..", path).split("/")[0] : undefined;
}

describe("the import direction of the console", () => {
  const lower = files.filter((file) => (file.split("/")[0] ?? "") in floors);

  it("sees the files it judges", () => {
    expect(lower.length).toBeGreaterThan(90);
  });

  it.each(lower)("%s imports only downward", (file) => {
    const allowed = floors[file.split("/")[0] ?? ""] ?? [];
    const wrong = imports(file).filter((path) => { const floor = floorOf(file, path); return floor !== undefined && !allowed.includes(floor); });
    expect(wrong).toEqual([]);
  });

  it.each(files.filter((file) => /\.tsx?$/.test(file)))("%s stays readable", (file) => {
    expect(readFileSync(join(src, file), "utf8").split("\n").length).toBeLessThanOrEqual(200);
  });
});
