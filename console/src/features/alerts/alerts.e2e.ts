import { expect, test } from "@playwright/test";

test("an alert is taken on, then closed with cause and remedy", async ({ page }) => {
  await page.goto("/alerts");
  const title = await page.locator("#page [data-row]").last().textContent();
  await page.locator("#page [data-row]").last().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(title ?? "");
  await page.getByRole("button", { name: "Acknowledge" }).click();
  await expect(page.getByRole("button", { name: "Acknowledge" })).toHaveCount(0);
  await expect(page.locator(".facts")).toContainText("With ");
  await page.getByRole("button", { name: "Close…" }).click();
  const dialog = page.getByRole("dialog");
  const close = dialog.getByRole("button", { name: "Close the alert" });
  await expect(close).toBeDisabled();
  await dialog.getByText("False alarm").click();
  await dialog.getByRole("textbox", { name: "What was found" }).fill("a test of the console");
  await expect(close).toBeDisabled();
  await dialog.getByRole("textbox", { name: "What was done about it" }).fill("nothing had to be done");
  await close.click();
  await expect(page.locator(".facts")).toContainText("Closed");
  await expect(page.getByText("False alarm: a test of the console")).toBeVisible();
});
