import { expect, it } from "vitest";
import { settle } from "./held";

const key = (row: { id: string }) => row.id;

it("keeps order, takes new values, holds new rows back and keeps those that no longer match", () => {
  const shown = [{ id: "b", n: 1 }, { id: "a", n: 1 }];
  const settled = settle(shown, [{ id: "c", n: 2 }, { id: "b", n: 2 }], key);
  expect(settled.rows).toEqual([{ id: "b", n: 2 }, { id: "a", n: 1 }]);
  expect(settled.newer).toBe(1);
  expect([...settled.gone]).toEqual(["a"]);
});
