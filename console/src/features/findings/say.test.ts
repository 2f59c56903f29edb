import { expect, it } from "vitest";
import { headline, share } from "./say";

const summary = (open: number, overdue: number, unowned: number) => ({ open, overdue, unowned, excepted: 0, closed: 0, owners: [], severities: {}, domains: [] });

it("says what is owed, and never hides what is late or has no owner", () => {
  expect(headline(summary(0, 0, 0))).toBe("Nothing fails");
  expect(headline(summary(1, 1, 0))).toBe("1 finding is open, 1 overdue, each has an owner");
  expect(headline(summary(1200, 0, 3))).toBe("1,200 findings are open, none overdue, 3 without an owner");
});

it("draws one of very many, and none of none", () => {
  expect(share(1, 10_000)).toBe(2);
  expect(share(0, 10)).toBe(0);
});
