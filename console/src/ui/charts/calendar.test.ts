import { expect, it } from "vitest";
import { monthDays, stepMonth } from "./Calendar";

it("shows whole weeks from a Monday, with every day of the month", () => {
  const days = monthDays("2026-11");
  expect(days).toHaveLength(42);
  expect(days[0]?.getDay()).toBe(1);
  expect(days.filter((day) => day.getMonth() === 10)).toHaveLength(30);
  expect(monthDays("2027-02")).toHaveLength(28);
});

it("steps over the turn of the year", () => {
  expect(stepMonth("2026-12", 1)).toBe("2027-01");
  expect(stepMonth("2026-01", -1)).toBe("2025-12");
});
