import { expect, it } from "vitest";
import { crumbs } from "./crumbs";
import { holds } from "./moment";

it("knows which pages can show the past", () => {
  for (const path of ["/", "/controls", "/controls/CRD-01/history", "/findings", "/findings/f-1", "/risks", "/risks/r-1", "/frameworks/owasp-iot-2018/I3"]) expect(holds(path), path).toBe(true);
  for (const path of ["/devices", "/records", "/engagements", "/frameworks", "/exports"]) expect(holds(path), path).toBe(false);
});

it("says where one is from the address alone", () => {
  const said = (path: string) => crumbs(path).map((crumb) => crumb.label);
  expect(said("/records/security-policy/0192")).toEqual(["Records", "Security policy", "Record"]);
  expect(said("/records/calendar")).toEqual(["Records", "Due calendar"]);
  expect(said("/frameworks/owasp-iot-2018/I3")).toEqual(["Frameworks", "owasp-iot-2018", "I3"]);
  expect(said("/findings/0192")).toEqual(["Findings", "Finding"]);
  expect(crumbs("/records/security-policy/0192")[1]?.href).toBe("/records/security-policy");
});
