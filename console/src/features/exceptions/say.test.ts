import { expect, it } from "vitest";
import { measured, scopeText } from "./say";

it("says what an exception covers, the narrowest first", () => {
  expect(scopeText({ control: "MSU-04", subject: { kind: "device", id: "0192", name: "gw-leg-01" }, scope: { site: "hh3" } })).toBe("gw-leg-01");
  expect(scopeText({ control: "MSU-04", scope: { type: "gateway", site: "hh3" } })).toBe("type gateway, site hh3");
  expect(scopeText({ control: "MSU-04", check: "MSU-04/alert" })).toBe("every object of the check");
  expect(scopeText({ control: "MSU-04" })).toBe("everything under MSU-04");
});

it("never says that what is excepted passes", () => {
  expect(measured({ covers: 3, stillFailing: 2 })).toBe("still tested; 2 of 3 would fail");
  expect(measured({ covers: 3, stillFailing: 0 })).toBe("still tested; all 3 pass now");
});
