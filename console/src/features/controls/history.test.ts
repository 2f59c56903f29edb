import { expect, it } from "vitest";
import { countsOf, passing, spansOf, stepsOf } from "./history";

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

it("draws the objects of a check step by step, from the first change on", () => {
  const counts = (pass: number, fail: number) => ({ pass, fail, unknown: 0, stale: 0, notAssessed: 1, excepted: 0 });
  const steps = stepsOf([{ at: at(6), status: "fail", counts: counts(3, 1) }, { at: at(2), status: "pass", counts: counts(4, 0) }], from + 3 * 3_600_000, from + 10 * 3_600_000);
  expect(steps.map((step) => [(step.to - step.from) / 3_600_000, step.counts.pass, step.counts.fail, step.counts["not-assessed"]])).toEqual([[3, 4, 0, 1], [4, 3, 1, 1]]);
});

it("draws no object as passing where nothing was counted", () => {
  expect(countsOf(undefined)).toEqual({});
});
