import { expect, it } from "vitest";
import { stacked } from "./ShareTimeline";

it("stands what fails on the line and never loses one of very many", () => {
  const parts = stacked({ pass: 9999, fail: 1 }, 100);
  expect(parts.map((part) => part.status)).toEqual(["fail", "pass"]);
  expect(parts[0]).toEqual({ status: "fail", y: 98, tall: 2 });
});

it("draws nothing where nothing was counted", () => {
  expect(stacked({}, 100)).toEqual([]);
});
