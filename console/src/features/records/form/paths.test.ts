import { describe, expect, it } from "vitest";
import type { FormField } from "@/api/records";
import { bounds, faultsAt, missing, nearest, tidy, titleOf } from "./paths";

const form: FormField[] = [
  { name: "scope", title: "Scope", type: "prose", least: 40 },
  { name: "practices", title: "Practices", type: "rows", covers: ["governance", "design"], least: 1, most: 20, fields: [{ name: "name", title: "Practice", type: "choice" }, { name: "score", title: "Score", type: "number", most: 3 }] },
  { name: "topics", title: "Topics", type: "many", options: ["a", "b"], covers: ["a"] },
];

describe("faults in a form", () => {
  it("are found at their field", () => {
    const faults = [{ path: "practices[3].score", message: "want 0 to 3" }, { path: "scope", message: "is missing" }];
    expect(faultsAt(faults, "scope")).toHaveLength(1);
    expect(faultsAt(faults, "practices")).toHaveLength(0);
    expect(faultsAt(faults, "practices", true)).toHaveLength(1);
    expect(faultsAt(faults, "practices[3].score")[0]?.message).toBe("want 0 to 3");
  });

  it("are said in words, and lead to the deepest field there is", () => {
    expect(titleOf(form, "practices[3].score")).toBe("Practices, row 4, Score");
    expect(titleOf(form, "evidence")).toBe("Evidence");
    expect(nearest(form, "practices[3].score")).toBe("practices[3].score");
    expect(nearest(form, "practices[3].nothing")).toBe("practices");
    expect(nearest(form, "body.scope")).toBe("scope");
  });
});

it("names the rows and options that must be there", () => {
  expect(missing(form[1] as FormField, [{ name: "design", score: 2 }])).toEqual(["governance"]);
  expect(missing(form[2] as FormField, undefined)).toEqual(["a"]);
});

it("sends no empty box, and keeps what is no or nothing", () => {
  expect(tidy({ a: "", b: false, c: 0, rows: [{ x: "", y: 1 }], d: undefined })).toEqual({ b: false, c: 0, rows: [{ y: 1 }] });
});

it("says what a field asks for", () => {
  expect(bounds(form[0] as FormField)).toBe("at least 40 characters");
  expect(bounds(form[1] as FormField)).toBe("1 to 20 rows");
});
