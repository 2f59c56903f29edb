import { expect, it } from "vitest";
import { lights } from "@/ui/frame/Frame";
import { bottom, groups } from "./nav";

const lit = (path: string, may: (need: string) => boolean = () => true) => bottom({ may }).filter((entry) => lights(entry, path)).map((entry) => entry.label);

it("lights exactly one way of the phone's bar for every page", () => {
  expect(lit("/")).toEqual(["Overview"]);
  for (const path of ["/controls", "/controls/CRD-01/history", "/findings/f-1", "/exceptions", "/exceptions/e-1", "/frameworks/owasp-iot-2018/I1", "/records/calendar", "/risks/r-1"]) expect(lit(path), path).toEqual(["Posture"]);
  for (const path of ["/devices/d-1", "/types"]) expect(lit(path), path).toEqual(["Devices"]);
  for (const path of ["/alerts/a-1", "/events", "/bans"]) expect(lit(path), path).toEqual(["Alerts"]);
  for (const path of ["/audit/12", "/engagements/e-1/samples", "/exports", "/reviews/r-1", "/people", "/identity", "/system", "/me", "/more"]) expect(lit(path), path).toEqual(["More"]);
});

it("lights More for a page whose way the role does not have", () => {
  expect(lit("/records", (need) => need === "record:read")).toEqual(["More"]);
});

it("lights Findings at the side for an exception", () => {
  expect(groups({ may: () => true }).flatMap((group) => group.entries).filter((entry) => lights(entry, "/exceptions/e-1")).map((entry) => entry.label)).toEqual(["Findings"]);
});
