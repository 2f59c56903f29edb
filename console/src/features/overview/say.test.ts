import { describe, expect, it } from "vitest";
import type { Posture } from "@/api/types";
import { headline, percent } from "./say";

const now = Date.UTC(2026, 10, 17, 14, 32);
const stand = (counts: Posture["counts"], changed: Posture["changed"] = [], measured = 100) =>
  ({ counts, changed, score: { passing: 1, measured, applicable: 157, total: 160, passPercent: 72, coveragePercent: 85, freshPercent: 95 } }) as unknown as Posture;

describe("the sentence of the overview", () => {
  it("names what fails and what is new", () => {
    const changed = [{ control: "TSP-03", before: "pass", after: "fail", at: new Date(now - 120_000).toISOString(), reason: "one certificate on two networks" }];
    expect(headline(stand({ fail: 11, pass: 100 }, changed), now)).toEqual({ title: "11 controls fail, one new today", note: "TSP-03: one certificate on two networks, 2 min ago" });
  });

  it("does not call what is unknown well", () => {
    expect(headline(stand({ pass: 150, unknown: 7 }), now).title).toBe("No control fails; 7 are not known to pass");
    expect(headline(stand({ pass: 157 }), now).title).toBe("All controls pass");
  });

  it("says that nothing is measured instead of a score", () => {
    expect(headline(stand({ "not-assessed": 160 }, [], 0), now).title).toBe("Nothing is measured yet");
  });
});

it("never rounds a failure away", () => {
  expect(percent(99.97)).toBe("99.9");
  expect(percent(72)).toBe("72.0");
});
