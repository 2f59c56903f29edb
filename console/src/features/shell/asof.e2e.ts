import { expect, test } from "@playwright/test";

test("the past is shown with its proof, stays in links, and cannot be changed", async ({ page }) => {
  const at = new Date(Date.now() - 30_000).toISOString().slice(0, 19);
  await page.goto(`/?at=${at}Z`);
  const rule = page.getByRole("region", { name: "As of" });
  await expect(rule).toContainText(/As of .*, proven by checkpoint/);
  await rule.getByRole("button", { name: "Check the proof" }).click();
  await expect(page.getByRole("dialog")).toContainText("Verified here");
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await page.getByRole("link", { name: "All controls" }).click();
  await expect(page).toHaveURL(/\/controls\?at=/);
  await page.locator("#page [data-row]").first().click();
  await expect(page).toHaveURL(/\/controls\/[A-Z]{3}-\d\d\?at=/);
  await expect(page.getByRole("button", { name: "Run checks now" })).toBeDisabled();
  await expect(page.getByRole("button", { name: "Run checks now" })).toHaveAttribute("title", /past/);
  await page.goto(`/devices?at=${at}Z`);
  await expect(rule).toContainText("This page shows now.");
  await rule.getByRole("button", { name: "Back to now" }).click();
  await expect(rule).toHaveCount(0);
  await expect(page).not.toHaveURL(/at=/);
});

test("a time is picked in the top bar by keyboard", async ({ page }) => {
  await page.goto("/controls");
  await page.getByRole("button", { name: /As of Now/ }).press("Enter");
  await expect(page.getByRole("dialog", { name: "As of" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog", { name: "As of" })).toBeHidden();
});
