import { expect, it } from "vitest";
import { headline, mayNot, standing } from "./say";

const matrix = (open: number, undecided: number, overdue: number) => ({ at: "", cells: [], open, undecided, overdue, lapsed: 0, safety: 0 });

it("says what is owed", () => {
  expect(headline(matrix(0, 0, 0))).toBe("No risk is open");
  expect(headline(matrix(1, 0, 0))).toBe("1 risk is open, each is decided, no mitigation is late");
  expect(headline(matrix(12, 3, 1))).toBe("12 risks are open, 3 undecided, 1 with a late mitigation");
});

it("calls a decision that has ended what it is", () => {
  const decision = { decision: "accept" as const, reason: "", decider: { id: "", name: "" }, decided: "", residualLikelihood: 1, residualImpact: 1, residualLevel: 1 };
  expect(standing({ state: "open", undecided: true, lapsed: true, decision })).toBe("Decision ended");
  expect(standing({ state: "open", undecided: false, lapsed: false, decision })).toBe("Accept");
  expect(standing({ state: "open", undecided: true, lapsed: false })).toBe("Undecided");
});

it("lets nobody with a part in a risk decide it", () => {
  const risk = { entered: { id: "1", name: "anna" }, rated: { id: "2", name: "ben" }, owner: "cleo" };
  expect(mayNot(risk, { id: "1", name: "Anna" })).toContain("entered");
  expect(mayNot(risk, { id: "9", name: "BEN" })).toContain("rated");
  expect(mayNot(risk, { id: "3", name: "cleo" })).toContain("own");
  expect(mayNot(risk, { id: "4", name: "dora" })).toBeUndefined();
});
