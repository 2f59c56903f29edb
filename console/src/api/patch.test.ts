import { QueryClient } from "@tanstack/react-query";
import { expect, it } from "vitest";
import { apply } from "./patch";

it("reads a review, its lines and the list of reviews anew when somebody decides, and nothing else", () => {
  const cache = new QueryClient();
  const keys = [["review", "r-1"], ["list", "/reviews", {}], ["list", "/reviews/r-1/lines", { decided: "none" }], ["list", "/devices", {}]];
  for (const key of keys) cache.setQueryData(key, {});
  apply(cache, [{ kind: "review", data: { id: "r-1" } }]);
  expect(keys.map((key) => cache.getQueryState(key)?.isInvalidated)).toEqual([true, true, true, false]);
});

it("leaves the past alone: nothing that happens now changes it", () => {
  const cache = new QueryClient();
  for (const key of [["past", "finding", "f-1", "2026"], ["past", "risk", "r-1", "2026"], ["findings", "f-1"]]) cache.setQueryData(key, {});
  apply(cache, [{ kind: "finding", data: {} }, { kind: "risk", data: {} }]);
  expect(cache.getQueryState(["past", "finding", "f-1", "2026"])?.isInvalidated).toBe(false);
  expect(cache.getQueryState(["past", "risk", "r-1", "2026"])?.isInvalidated).toBe(false);
  expect(cache.getQueryState(["findings", "f-1"])?.isInvalidated).toBe(true);
});
