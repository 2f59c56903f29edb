import { expect, test } from "@playwright/test";

const password = "seven-calm-herons-58-drift";

test("a local user is made with a site, and sees that site's devices and nothing that the role does not open", async ({ page, browser, baseURL }) => {
  const name = `lou-e2e-${Date.now().toString(36)}`;
  await page.goto("/people");
  await page.getByRole("button", { name: "Add account" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("checkbox", { name: "Local user" }).check();
  await expect(dialog.getByRole("button", { name: "Add account" })).toBeDisabled();
  await dialog.getByLabel("Site").selectOption("munich-office");
  await dialog.getByRole("button", { name: "Add account" }).click();
  const link = await dialog.getByRole("button", { name: /Copy sign-in link/ }).getAttribute("title");

  const own = await browser.newContext({ ignoreHTTPSErrors: true, storageState: { cookies: [], origins: [] }, ...(baseURL ? { baseURL } : {}) });
  const lou = await own.newPage();
  const refused: string[] = [];
  lou.on("response", (response) => { if (response.status() === 403) refused.push(response.url()); });
  await lou.goto(link ?? "");
  await lou.getByRole("button", { name: "Sign in" }).click();
  await lou.getByLabel("New password", { exact: true }).fill(password);
  await lou.getByRole("button", { name: "Change password" }).click();
  await expect(lou.getByRole("navigation", { name: "Main", exact: true }).getByRole("link", { name: /^Devices/ })).toBeVisible();
  refused.length = 0; // before the password was changed, everything was

  await lou.goto("/");
  await expect(lou).toHaveURL(/\/devices$/);
  const rows = lou.locator("#page tbody tr");
  await expect(rows.first()).toContainText("munich-office");
  for (const row of await rows.allTextContents()) expect(row).toContain("munich-office");
  await expect(lou.getByRole("link", { name: /Overview|Alerts|Controls|System/ })).toHaveCount(0);

  await lou.locator("#page [data-row]").first().click();
  await expect(lou.getByRole("heading", { name: "Twin" })).toBeVisible();
  await expect(lou.locator("#page canvas").first()).toBeVisible();
  await expect(lou.locator("footer")).toContainText("Live");
  const tabs = lou.getByRole("navigation", { name: "Device", exact: true });
  for (const tab of ["Telemetry", "Twin", "Posture", "Software"]) {
    await tabs.getByRole("link", { name: new RegExp(`^${tab}`) }).click();
    await expect(lou.locator("#page .section").first()).toBeVisible();
  }
  await expect(tabs.getByRole("link", { name: /Events|Certificates|History/ })).toHaveCount(0);
  for (const path of ["/types", "/audit", "/me"]) {
    await lou.goto(path);
    await expect(lou.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(lou.getByRole("alert")).toHaveCount(0);
  }
  expect(refused).toEqual([]);

  await page.goto("/devices?site=hamburg-depot");
  const elsewhere = await page.locator("#page [data-row]").first().getAttribute("href");
  await lou.goto(elsewhere ?? "");
  await expect(lou.getByRole("alert")).toContainText("at the site munich-office only");
  await own.close();
});
