import { expect, test, type Page } from "@playwright/test";
import { faults } from "./axe";

const views = [
  { name: "dark", viewport: { width: 1440, height: 900 }, colorScheme: "dark" },
  { name: "light", viewport: { width: 1440, height: 900 }, colorScheme: "light" },
  { name: "tablet", viewport: { width: 900, height: 1100 }, colorScheme: "light" },
  { name: "phone, dark", viewport: { width: 390, height: 844 }, colorScheme: "dark" },
  { name: "phone, light", viewport: { width: 390, height: 844 }, colorScheme: "light" },
] as const;

// first answers with the address behind the first row of a list: detail pages of whatever the demo holds.
async function first(page: Page, list: string): Promise<string> {
  await page.goto(list);
  const href = await page.locator("#page [data-row]").first().getAttribute("href");
  return href ?? "";
}

const pages: readonly [string, string | ((page: Page) => Promise<string>)][] = [
  ["overview", "/"], ["devices", "/devices"], ["device types", "/types"], ["alerts", "/alerts?state=all"], ["events", "/events"],
  ["controls", "/controls"], ["OWASP Top 10", "/frameworks/owasp-iot-2018/I1"], ["frameworks", "/frameworks"], ["findings", "/findings"], ["exceptions", "/exceptions"],
  ["records", "/records"], ["due calendar", "/records/calendar"], ["items", "/records/items"], ["register", "/records/register"], ["kinds of record", "/records/kinds"], ["a kind of record", "/records/security-policy"],
  ["risks", "/risks"], ["engagements", "/engagements"], ["exports", "/exports"], ["access reviews", "/reviews"], ["audit log", "/audit"], ["certificate authority", "/identity"],
  ["people", "/people"], ["system", "/system"], ["own account", "/me"], ["an address that leads nowhere", "/nowhere"],
  ["a device", (page) => first(page, "/devices")], ["a device's telemetry", async (page) => `${await first(page, "/devices")}/telemetry`],
  ["a device's checks", async (page) => `${await first(page, "/devices")}/posture`], ["a device's software", async (page) => `${await first(page, "/devices")}/software`],
  ["a device type", (page) => first(page, "/types")], ["an alert", (page) => first(page, "/alerts?state=all")], ["a control", (page) => first(page, "/controls")],
  ["a control's history", async (page) => `${await first(page, "/controls")}/history`], ["a control's objects", async (page) => `${await first(page, "/controls")}/objects`],
  ["a control's evidence", async (page) => `${await first(page, "/controls")}/evidence`], ["a control's exceptions", async (page) => `${await first(page, "/controls")}/exceptions`],
  ["a finding", (page) => first(page, "/findings")], ["a record", (page) => first(page, "/records?state=current")], ["an entry of the register", (page) => first(page, "/records/register")],
  ["a control's definition", async (page) => `${await first(page, "/controls")}/definition`], ["an account", (page) => first(page, "/people")],
];

for (const view of views) {
  test.describe(view.name, () => {
    test.use({ viewport: view.viewport, colorScheme: view.colorScheme });
    for (const [name, where] of pages) {
      test(`${name} is whole and accessible`, async ({ page }) => {
        const broken: string[] = [];
        page.on("pageerror", (error) => broken.push(error.message));
        await page.goto(typeof where === "string" ? where : await where(page));
        await expect(page.locator("h1")).toHaveCount(1);
        await expect(page.locator("h1")).not.toBeEmpty();
        await page.waitForLoadState("load");
        await expect(page.locator(".progress-on")).toHaveCount(0);
        await expect(page.locator("#page [role=alert]")).toHaveCount(0);
        expect(await faults(page)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), "nothing is wider than the screen").toBeLessThanOrEqual(0);
        expect(broken).toEqual([]);
      });
    }
  });
}
