// budget fails the build when what a first visit loads grows past the console's limits (gzip, bytes):
// scripts 220 kB, styles 40 kB, fonts 110 kB. The Overview page must not pull in the chart library.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url).pathname;
const manifest = JSON.parse(readFileSync(`${dist}manifest.json`, "utf8"));
const limits = { script: 220_000, style: 40_000, font: 110_000 };

function packed(file) {
  const body = readFileSync(dist + file);
  return file.endsWith(".woff2") ? body.length : gzipSync(body, { level: 9 }).length;
}

// reach collects every file that loading a chunk loads with it, statically.
function reach(key, found = { chunks: new Set(), styles: new Set(), fonts: new Set() }) {
  const entry = manifest[key];
  if (!entry || found.chunks.has(entry.file)) return found;
  found.chunks.add(entry.file);
  for (const style of entry.css ?? []) found.styles.add(style);
  for (const asset of entry.assets ?? []) if (asset.endsWith(".woff2")) found.fonts.add(asset);
  for (const next of entry.imports ?? []) reach(next, found);
  return found;
}

function total(files) {
  return [...files].reduce((sum, file) => sum + packed(file), 0);
}

const first = reach("index.html");
const overview = Object.keys(manifest).find((key) => key.endsWith("features/overview/OverviewPage.tsx"));
const sizes = { script: total(first.chunks), style: total(first.styles), font: total(first.fonts) };
const faults = Object.keys(limits).filter((kind) => sizes[kind] > limits[kind]);
for (const kind of Object.keys(limits)) {
  process.stdout.write(`${kind.padEnd(7)}${(sizes[kind] / 1000).toFixed(1)} kB of ${limits[kind] / 1000} kB\n`);
}
if (!overview) throw new Error("budget: the Overview page is no chunk of its own, so its weight cannot be told");
const charts = Object.values(manifest).filter((entry) => /TimeChartCanvas/.test(entry.src ?? "")).map((entry) => entry.file);
if (charts.length === 0) throw new Error("budget: the chart library is no chunk of its own");
const loaded = reach(overview).chunks;
if (charts.some((file) => loaded.has(file))) faults.push("overview loads the chart library");
if (faults.length > 0) {
  process.stderr.write(`budget exceeded: ${faults.join(", ")}\n`);
  process.exit(1);
}
