import { expect, it } from "vitest";
import { headline, scopeText } from "./say";

const progress = { controls: 160, concluded: 12, samples: 3, requests: 4, openRequests: 2, overdueRequests: 1, answersToJudge: 1 };

it("says what the auditor needs, and whether it is answered", () => {
  expect(headline({ state: "open", progress })).toBe("12 of 160 controls concluded, 2 requests wait for an answer, 1 overdue");
  expect(headline({ state: "open", progress: { ...progress, openRequests: 0, overdueRequests: 0 } })).toBe("12 of 160 controls concluded, every request is answered");
  expect(headline({ state: "signed", progress })).toBe("Signed: 12 of 160 controls concluded");
});

it("says what is under audit", () => {
  expect(scopeText({}, 160)).toBe("all 160 controls");
  expect(scopeText({ domains: ["COM", "CRD"] }, 20)).toBe("COM, CRD: 20 controls");
});
