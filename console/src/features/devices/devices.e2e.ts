import { expect, test, type Page } from "@playwright/test";

// make registers a device of its own for a test, so that no test hangs on what another one did to the demo fleet.
async function make(page: Page, name: string): Promise<void> {
  await page.goto("/devices");
  await page.getByRole("button", { name: "Add device" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("button", { name: "Add device" }).click();
  await expect(dialog.getByRole("heading", { name: `${name} is registered` })).toBeVisible();
  await expect(dialog.getByRole("button", { name: /Copy claim/ })).toBeVisible();
  await dialog.getByRole("link", { name: `Open ${name}` }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}

const fresh = (word: string) => `e2e-${word}-${Date.now().toString(36)}`;

test("a device is added with a claim, found by name, quarantined with a reason and released", async ({ page }) => {
  const name = fresh("keep");
  await make(page, name);
  await page.keyboard.press("q");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("What will happen")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Quarantine", exact: true })).toBeDisabled();
  await dialog.getByRole("textbox", { name: /Reason/ }).fill("seen on two networks");
  await dialog.getByRole("button", { name: "Quarantine", exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(page.locator(".facts")).toContainText("Quarantined");
  await page.goto(`/devices?q=${name}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("1 device matches");
  await expect(page.locator("tbody tr")).toContainText("Quarantined");
  await page.locator("#page [data-row]").first().click();
  await page.getByRole("button", { name: "Release…" }).first().click();
  await page.getByRole("textbox", { name: /Reason/ }).fill("was a test");
  await page.getByRole("dialog").getByRole("button", { name: "Release", exact: true }).click();
  await expect(page.locator(".facts")).not.toContainText("Quarantined");
});

test("retiring is final: the name has to be typed, and nothing happens before", async ({ page }) => {
  const name = fresh("gone");
  await make(page, name);
  await page.getByRole("button", { name: "Retire…" }).first().click();
  const dialog = page.getByRole("dialog");
  const act = dialog.getByRole("button", { name: "Retire", exact: true });
  await dialog.getByRole("textbox", { name: /Reason/ }).fill("broken");
  await expect(act).toBeDisabled();
  await dialog.getByRole("textbox", { name: /Type the device name/ }).fill("another name");
  await expect(act).toBeDisabled();
  await dialog.getByRole("textbox", { name: /Type the device name/ }).fill(name);
  await act.click();
  await expect(page.locator(".facts")).toContainText("Retired");
  await expect(page.getByRole("button", { name: "Retire…" })).toHaveCount(0);
});

test("a refused name says which rule it breaks and adds nothing", async ({ page }) => {
  await page.goto("/devices");
  await page.getByRole("button", { name: "Add device" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Not A Name");
  await page.getByRole("dialog").getByRole("button", { name: "Add device" }).click();
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText("The device was not added");
});

test("a connected device shows its session, its certificate and its telemetry as picture and as table", async ({ page }) => {
  await page.goto("/devices?connected=true&state=active");
  await page.locator("#page [data-row]").first().click();
  await expect(page.getByRole("table", { name: "Sessions" })).toContainText("Live");
  await expect(page.getByRole("heading", { name: "Identity and certificate" })).toBeVisible();
  await expect(page.getByRole("img", { name: /^Valid from/ })).toBeVisible();
  await page.getByRole("button", { name: / as table$/ }).first().click();
  await expect(page.getByRole("region", { name: / values$/ }).getByRole("row").nth(1)).toBeVisible();
});

test("revoking shows what it does before it is done", async ({ page }) => {
  await page.goto("/devices?connected=true&state=active");
  await page.locator("#page [data-row]").last().click();
  await page.getByRole("button", { name: "Revoke certificate…" }).first().click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.locator(".effects div").first()).toBeVisible();
  await dialog.getByText("Superseded").click();
  await expect(dialog.getByRole("button", { name: "Revoke certificate" })).toBeDisabled();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});
