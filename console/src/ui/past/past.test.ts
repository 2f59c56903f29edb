import { describe, expect, it } from "vitest";
import { carry, readAt } from "./past";

const now = Date.UTC(2026, 10, 22, 12);

describe("the moment in an address", () => {
  it("is a time of RFC 3339 that has passed", () => {
    expect(readAt("2026-10-03T09:00:00+02:00", now)).toBe("2026-10-03T07:00:00Z");
    expect(readAt("2027-01-01T00:00:00Z", now)).toBeUndefined();
    expect(readAt("yesterday", now)).toBeUndefined();
    expect(readAt("2026-13-40T00:00", now)).toBeUndefined();
    expect(readAt(undefined, now)).toBeUndefined();
  });

  it("stays in links inside the console, once", () => {
    expect(carry("/controls?status=fail", "2026-10-03T07:00:00Z")).toBe("/controls?status=fail&at=2026-10-03T07%3A00%3A00Z");
    expect(carry("/controls?at=x", "2026-10-03T07:00:00Z")).toBe("/controls?at=x");
    expect(carry("/findings#notes", "2026-10-03T07:00:00Z")).toBe("/findings?at=2026-10-03T07%3A00%3A00Z#notes");
    expect(carry("/api/v1/audit/export", "2026-10-03T07:00:00Z")).toBe("/api/v1/audit/export");
    expect(carry("/controls", undefined)).toBe("/controls");
  });
});
