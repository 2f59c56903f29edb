import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation { id: string; impact: string | null; help: string; nodes: { target: unknown[]; failureSummary?: string }[] }

/** faults runs axe on the page as it stands and returns what is serious, one line each. */
export async function faults(page: Page): Promise<string[]> {
  await page.evaluate(source);
  const violations = await page.evaluate(async () => {
    const axe = (globalThis as unknown as { axe: { run: (node: Document, options: object) => Promise<{ violations: Violation[] }> } }).axe;
    return (await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] })).violations;
  });
  return violations.filter((each) => each.impact === "serious" || each.impact === "critical").flatMap((each) =>
    each.nodes.slice(0, 4).map((node) => `${each.id}: ${each.help}: ${JSON.stringify(node.target)} ${node.failureSummary?.split("\n").slice(1, 3).join(" ") ?? ""}`));
}
