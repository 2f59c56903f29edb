import { expect, it } from "vitest";
import { ends } from "./ends";

const expiry = (id: string, day: string) => ({ at: `2026-12-${day}T10:00:00Z`, control: "GVN-04", check: "GVN-04/review", title: "The access review", what: "record", subject: { kind: "system", id, name: id } });

it("makes one line of what ends together, and keeps apart what does not", () => {
  const lines = ends([expiry("a", "01"), expiry("b", "01"), expiry("c", "09")]);
  expect(lines.map((line) => line.text)).toEqual(["The access review, 2 objects", "The access review"]);
  expect(lines.map((line) => [line.note, line.about])).toEqual([["GVN-04", undefined], ["GVN-04", "c"]]);
  expect(lines[0]?.at).toBe(Date.parse("2026-12-01T10:00:00Z"));
});
