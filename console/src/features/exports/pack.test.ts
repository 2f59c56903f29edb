import { expect, it } from "vitest";
import { percentDone, scopeText } from "./PackState";

it("never says that a pack is done before it is", () => {
  expect(percentDone({ progress: { done: 1, total: 1, step: "pdf" } })).toBe(99);
  expect(percentDone({ progress: { done: 1, total: 3, step: "xlsx" } })).toBe(33);
  expect(percentDone({ progress: { done: 0, total: 0, step: "queued" } })).toBe(0);
});

it("says what a pack holds", () => {
  expect(scopeText({ formats: [] })).toBe("everything");
  expect(scopeText({ formats: [], scope: { domains: ["COM"], system: "plant" } })).toBe("COM, system plant");
});
