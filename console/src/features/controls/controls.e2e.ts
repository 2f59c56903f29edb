import { expect, test } from "@playwright/test";

test("every control of the framework is listed once", async ({ page }) => {
  await page.goto("/controls");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("160 controls");
  await expect(page.locator("#page [data-row]")).toHaveCount(160);
  const ids = await page.locator("#page [data-row]").allTextContents();
  expect(new Set(ids).size).toBe(160);
});

test("the totals of the overview add up", async ({ page }) => {
  await page.goto("/");
  const bar = page.locator(".ov-score .legend li");
  await expect(bar.first()).toBeVisible();
  const counts = (await bar.allTextContents()).map((text) => Number.parseInt(text.replaceAll(/\D/g, ""), 10));
  expect(counts.reduce((sum, n) => sum + n, 0)).toBe(160);
  expect(await page.locator(".ov-domains .wide-only .domainmark").count()).toBe(160);
});

test("a control says why it stands where it stands, what clears it, and runs when asked", async ({ page }) => {
  await page.goto("/controls/CRD-01");
  await expect(page.locator(".lead")).not.toBeEmpty();
  await page.getByRole("button", { name: "Run checks now" }).click();
  await expect(page.getByRole("button", { name: "Run checks now" })).toBeEnabled();
  await expect(page.locator("#page [role=alert]")).toHaveCount(0);
  await page.getByRole("navigation", { name: "Control" }).getByRole("link", { name: "Definition" }).click();
  await expect(page).toHaveURL(/\/controls\/CRD-01\/definition$/);
  await expect(page.getByText("Fails when")).toBeVisible();
});

test("a control that nothing assesses is never shown as passing, and says what is missing", async ({ page }) => {
  await page.goto("/controls?status=not-assessed");
  const row = page.locator("#page [data-row]").first();
  await row.click();
  await expect(page.locator(".facts")).toContainText("Not assessed");
  await expect(page.locator(".notice")).toContainText("Not assessed");
});

test("the history of one check shows how its objects stood, and the address keeps which", async ({ page }) => {
  await page.goto("/controls/RSM-01/history");
  const pick = page.getByLabel("History of");
  await pick.selectOption({ index: 1 });
  await expect(page).toHaveURL(/check=RSM-01/);
  await expect(page.getByRole("heading", { name: "Its objects" })).toBeVisible();
  await expect(page.getByRole("img", { name: /^Objects of / })).toHaveAttribute("aria-label", /\d+ (pass|fail)/);
  await expect(page.getByRole("list", { name: "Changes" })).toContainText(/\d+ (pass|fail)/);
  await page.reload();
  await expect(page.getByRole("heading", { name: "Its objects" })).toBeVisible();
  await pick.selectOption("");
  await expect(page).not.toHaveURL(/check=/);
});
