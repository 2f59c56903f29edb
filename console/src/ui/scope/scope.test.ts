import { describe, expect, it } from "vitest";
import { readScope, within } from "./scope";

const keeps = (path: string) => path.startsWith("/risks");

describe("the scope in an address", () => {
  it("is a site, else a system, else all", () => {
    expect(readScope({ system: "heating", site: "depot" })).toEqual({ site: "depot" });
    expect(readScope({ system: "heating" })).toEqual({ system: "heating" });
    expect(readScope({ system: "" })).toEqual({});
  });

  it("stays in links to pages that take one, once", () => {
    expect(within("/risks", { system: "heating & cooling" }, keeps)).toBe("/risks?system=heating%20%26%20cooling");
    expect(within("/risks?state=all#top", { site: "depot" }, keeps)).toBe("/risks?state=all&site=depot#top");
    expect(within("/risks?system=other", { site: "depot" }, keeps)).toBe("/risks?system=other");
    expect(within("/controls", { site: "depot" }, keeps)).toBe("/controls");
    expect(within("/risks", {}, keeps)).toBe("/risks");
  });
});
