import { expect, it } from "vitest";
import { causeText, targetText } from "./say";

it("names who is banned as people know it", () => {
  expect(targetText({ kind: "device", target: "0198", name: "hall-lock" })).toBe("hall-lock");
  expect(targetText({ kind: "account", target: "0199" })).toBe("0199");
  expect(targetText({ kind: "address", target: "192.0.2.7/32" })).toBe("192.0.2.7");
  expect(targetText({ kind: "address", target: "2001:db8::1/128" })).toBe("2001:db8::1");
  expect(targetText({ kind: "address", target: "2001:db8::/32" })).toBe("2001:db8::/32");
});

it("says what the server saw, and nothing where a person placed the ban", () => {
  expect(causeText({ cause: "flapping" })).toBe("Flapping: ");
  expect(causeText({ cause: "operator" })).toBe("");
});
