import { expect, test } from "@playwright/test";

test("findings are assigned in bulk, noted, and nobody can close one by hand", async ({ page }) => {
  await page.goto("/findings?severity=critical");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("open");
  await expect(page.getByRole("table", { name: "Findings" })).toBeVisible();
  await page.locator("#page [data-select]").first().check();
  await page.getByRole("button", { name: "Assign…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("button", { name: "Assign 1" })).toBeDisabled();
  await dialog.getByLabel("Owner").fill("nobody-of-this-name");
  await dialog.getByRole("button", { name: "Assign 1" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Nothing was assigned");
  await dialog.getByLabel("Owner").fill("mara-kuehn");
  await dialog.getByRole("button", { name: "Assign 1" }).click();
  await expect(dialog).toBeHidden();
  await page.goto("/findings?owner=mara-kuehn");
  const row = page.locator("#page [data-row]").first();
  await row.click();
  const panel = page.getByRole("complementary", { name: "Finding" });
  await expect(panel.getByText("What clears it")).toBeVisible();
  await panel.getByRole("textbox", { name: "Note" }).fill("waits for the supplier");
  await panel.getByRole("button", { name: "Add note" }).click();
  await expect(panel.getByText("waits for the supplier")).toBeVisible();
  await expect(panel.getByRole("button", { name: /^Close finding|Resolve/ })).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
});

test("the board narrows the list, and the address keeps it", async ({ page }) => {
  await page.goto("/findings");
  await page.getByRole("button", { name: /Show only these/ }).first().click();
  await expect(page).toHaveURL(/owner=none/);
  await expect(page.locator(".chip")).toContainText("none");
  for (const owner of await page.locator("#page tbody td:nth-child(6)").allTextContents()) expect(owner).toBe("nobody");
});

test("a finding of the past is shown as it was: nobody can own, note or excuse it there", async ({ page }) => {
  await page.goto("/findings");
  const href = (await page.locator("#page [data-row]").last().getAttribute("href")) ?? "";
  const at = new Date(Date.now() - 2_000).toISOString().slice(0, 19);
  await page.goto(`${href.split("?")[0]}?at=${at}Z`);
  const panel = page.getByRole("complementary", { name: "Finding" });
  await expect(panel.getByText("What clears it")).toBeVisible();
  await expect(panel.getByRole("textbox")).toHaveCount(0);
  await expect(panel.getByRole("button", { name: /Save owner|Add note|Request exception/ })).toHaveCount(0);
  await page.goto(`${href.split("?")[0]}?at=2020-01-01T00:00:00Z`);
  await expect(panel.getByRole("alert"), "before it was opened").toContainText("opened later");
});
