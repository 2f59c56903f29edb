import { describe, expect, it } from "vitest";
import { complete, readFilter, typed, type Field } from "./filter";

const fields: Field[] = [{ name: "type", label: "Type", values: ["door-lock", "gateway"] }, { name: "status", label: "Status", values: ["fail", "pass"] }];

describe("the filter bar", () => {
  it("turns a word that names a field into a chip", () => {
    expect(typed("status:fail", fields)).toEqual({ name: "status", value: "fail" });
    expect(typed("Status:fail", fields)).toEqual({ name: "status", value: "fail" });
  });

  it("leaves other words alone", () => {
    expect(typed("lock-1", fields)).toBeUndefined();
    expect(typed("10.42.7.18:8883", fields)).toBeUndefined();
    expect(typed("status:", fields)).toBeUndefined();
  });

  it("completes fields, then their values", () => {
    expect(complete("lock st", fields)).toEqual(["status:"]);
    expect(complete("type:d", fields)).toEqual(["type:door-lock"]);
    expect(complete("", fields)).toEqual([]);
  });

  it("takes only known fields out of the address", () => {
    expect(readFilter({ type: "gateway", sort: "name", q: "hh3" }, fields)).toEqual({ fields: { type: "gateway" }, words: "hh3" });
  });
});
