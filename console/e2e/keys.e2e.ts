import { expect, test } from "@playwright/test";

test.beforeEach(async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("navigation", { name: "Main", exact: true })).toBeVisible();
});

test("g and a letter goes to a page, j and k walk its rows, Enter opens one", async ({ page }) => {
  await page.keyboard.press("g");
  await page.keyboard.press("d");
  await expect(page).toHaveURL(/\/devices$/);
  await expect(page.getByRole("table", { name: "Devices" })).toBeVisible();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await expect(page.locator("#page [data-row]").nth(1)).toBeFocused();
  await page.keyboard.press("k");
  const row = page.locator("#page [data-row]").first();
  await expect(row).toBeFocused();
  const name = await row.textContent();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(name ?? "");
});

test("[ and ] lead to the neighbours in the list one came from", async ({ page }) => {
  await page.goto("/devices");
  await expect(page.locator("#page [data-row]").first()).toBeVisible();
  const names = await page.locator("#page [data-row]").allTextContents();
  await page.locator("#page [data-row]").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(names[0] ?? "");
  await page.keyboard.press("]");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(names[1] ?? "");
  await page.keyboard.press("[");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(names[0] ?? "");
});

test("/ focuses the filter, a typed word becomes a chip, the address keeps it", async ({ page }) => {
  await page.goto("/controls");
  await expect(page.locator("#page [data-row]").first()).toBeVisible();
  await page.keyboard.press("/");
  await expect(page.getByRole("combobox", { name: /Filter/ })).toBeFocused();
  await page.keyboard.type("domain:CRD");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/domain=CRD/);
  await expect(page.locator(".chip")).toContainText("CRD");
  await expect(page.locator("#page [data-row]").first()).toHaveText("CRD-01");
  for (const id of await page.locator("#page [data-row]").allTextContents()) expect(id).toMatch(/^CRD-/);
  await page.getByRole("button", { name: "Drop Domain CRD" }).click();
  await expect(page).not.toHaveURL(/domain=/);
});

test("Ctrl K finds a control and opens it; ? lists the keys; Esc closes", async ({ page }) => {
  await page.keyboard.press("Control+k");
  const words = page.getByRole("combobox", { name: "Search or run" });
  await expect(words).toBeFocused();
  await words.fill("MSU-04");
  await expect(page.getByRole("option").filter({ hasText: "MSU-04" }).first()).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/controls\/MSU-04$/);
  await page.keyboard.press("?");
  await expect(page.getByRole("heading", { name: "Keys" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("heading", { name: "Keys" })).toBeHidden();
});

test("the first Tab offers to skip to the content", async ({ page }) => {
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
});
