import { expect, it } from "vitest";
import { passing, spansOf } from "./HistoryTab";

const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour)).toISOString();
const from = Date.UTC(2026, 0, 1, 0);

it("draws what came before the first judgement as not assessed, and the last status up to now", () => {
  const spans = spansOf([{ at: at(6), status: "fail", reason: "" }, { at: at(2), status: "pass", reason: "" }], from, from + 10 * 3_600_000);
  expect(spans.map((span) => [span.status, (span.to - span.from) / 3_600_000])).toEqual([["not-assessed", 2], ["pass", 4], ["fail", 4]]);
  expect(passing(spans)).toBe("50.0 % of the time pass; 1 failure, longest 4 h");
});

it("never counts time that was not assessed as passing", () => {
  expect(passing([])).toBe("nothing was judged yet");
});
