// fonts writes the two self-hosted faces of the console into src/ui/theme/fonts.
// Inter is cut to Latin and to the features the design uses (cv05, cv10, ss03, tnum),
// its optical-size axis pinned, so that both faces together stay under 110 kB.
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import subsetFont from "subset-font";

const require = createRequire(import.meta.url);
const target = new URL("../src/ui/theme/fonts/", import.meta.url).pathname;

function range(from, to) {
  return Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i)).join("");
}

const letters = range(0x20, 0x7e) + range(0xa0, 0x17f);
const marks = "‐‑‒–—‘’‚“”„†•…‹›⁄€™−×≤≥≠≈→←↑↓↗⌃⌘\u2009\u202f";
const inter = dirname(require.resolve("inter-ui/package.json"));
const mono = dirname(require.resolve("@fontsource/jetbrains-mono/package.json"));

const cut = await subsetFont(await readFile(join(inter, "variable/InterVariable.woff2")), letters + marks, {
  targetFormat: "woff2",
  variationAxes: { opsz: 14, wght: { min: 400, max: 600 } },
  keepFeatures: ["kern", "mark", "mkmk", "ccmp", "locl", "calt", "tnum", "cv05", "cv10", "ss03", "case"],
});
await writeFile(join(target, "inter.woff2"), cut);
await copyFile(join(inter, "LICENSE.txt"), join(target, "inter-license.txt"));
await copyFile(join(mono, "files/jetbrains-mono-latin-400-normal.woff2"), join(target, "jetbrains-mono.woff2"));
await copyFile(join(mono, "LICENSE"), join(target, "jetbrains-mono-license.txt"));
process.stdout.write(`inter ${cut.length} bytes\n`);
