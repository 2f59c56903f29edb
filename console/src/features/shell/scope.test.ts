import { expect, it } from "vitest";
import { keeps, narrows, placesOf } from "./scope";

it("offers a scope only where the server counts for it", () => {
  for (const path of ["/records", "/records/register", "/risks"]) expect(narrows(path), path).toBe(true);
  for (const path of ["/", "/controls", "/findings", "/records/calendar", "/records/items", "/records/kinds", "/risks/r-1"]) expect(narrows(path), path).toBe(false);
  expect(keeps("/risks/r-1")).toBe(true);
  expect(keeps("/records/security-policy/r-1")).toBe(true);
  for (const path of ["/records/calendar", "/records/items", "/records/kinds", "/controls"]) expect(keeps(path), path).toBe(false);
});

it("sorts sites under their systems, and leaves out none", () => {
  const site = (name: string, system?: string) => ({ id: name, name, ...(system ? { system } : {}) });
  expect(placesOf([{ id: "1", name: "heating", owner: "mara" }], [site("yard", "heating"), site("depot", "heating"), site("kiosk"), site("shop", "doors")])).toEqual([
    { system: "doors", sites: ["shop"] }, { system: "heating", sites: ["depot", "yard"] }, { sites: ["kiosk"] },
  ]);
});
