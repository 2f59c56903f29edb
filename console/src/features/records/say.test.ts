import { expect, it } from "vitest";
import { dutyHref, headline, owedNow } from "./say";

it("says what is owed, the worst first, and never calls what is missing in force", () => {
  expect(headline({ counts: {} })).toBe("Nobody owes a record");
  expect(headline({ counts: { current: 3, "not-owed": 9 } })).toBe("3 records are owed, each is in force");
  expect(headline({ counts: { current: 3, missing: 2, waiting: 1, altered: 1, expiring: 1 } })).toBe("8 records are owed, 1 altered, 2 missing, 1 waits for approval, 1 ends soon");
});

it("counts what somebody must act on", () => {
  expect(owedNow({ counts: { current: 3, missing: 2, expired: 1, waiting: 1, expiring: 9 }, items: { open: 5, overdue: 2 } })).toBe(6);
});

it("leads to the record there is, or to where one is begun", () => {
  const object = { kind: "system", id: "s 1", name: "S" };
  expect(dutyHref({ kind: "incident-plan", title: "", object, state: "missing", controls: [] })).toBe("/records/incident-plan?object=s%201");
  expect(dutyHref({ kind: "incident-plan", title: "", object, state: "current", controls: [], record: { id: "r1", version: 1, state: "approved" } })).toBe("/records/incident-plan/r1");
});
