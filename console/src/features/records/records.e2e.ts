import { createHash } from "node:crypto";
import { expect, test } from "@playwright/test";
import { second } from "../../../e2e/second";

test("a draft says what it lacks, at its field, and takes evidence with its hash", async ({ page }) => {
  await page.goto("/records/identity-policy");
  await page.getByRole("button", { name: "Begin a draft" }).click();
  await expect(page).toHaveURL(/\/records\/identity-policy\/[0-9a-f-]+$/);
  const box = page.getByRole("region", { name: "What is missing" });
  await expect(box).toBeVisible();
  await box.getByRole("button").first().click();
  await expect(page.locator("#page :focus")).toBeVisible();
  const text = "what was seen on the day";
  await page.locator("input[type=file]").setInputFiles({ name: "seen.txt", mimeType: "text/plain", buffer: Buffer.from(text) });
  const hash = createHash("sha256").update(text).digest("hex");
  await expect(page.getByTitle(hash)).toBeVisible();
  await page.getByRole("button", { name: "Submit…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("alert")).toContainText("Nothing was changed");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Discard…" }).click();
  await dialog.getByRole("textbox", { name: /Reason/ }).fill("was a test");
  await dialog.getByRole("button", { name: "Withdraw record" }).click();
  await expect(page.locator(".facts")).toContainText("Withdrawn");
});

test("a new version is submitted by one person and approved by another; the one before is superseded", async ({ page, browser, baseURL }) => {
  await page.goto("/records/risk-method");
  await page.getByRole("button", { name: "Begin a draft" }).click();
  await expect(page.locator(".facts")).toContainText("Draft");
  await page.getByLabel("Ranking").fill("Five steps each for likelihood and impact, looked over again this year.");
  await expect(page.getByText("Not saved yet")).toBeVisible();
  await page.getByRole("button", { name: "Save draft" }).click();
  await expect(page.getByText("Not saved yet")).toHaveCount(0);
  await page.getByRole("button", { name: "Submit…" }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: /Reason/ }).fill("yearly");
  await page.getByRole("dialog").getByRole("button", { name: "Submit record" }).click();
  await expect(page.locator(".facts")).toContainText("Waits for approval");
  await expect(page.getByRole("button", { name: "Approve…" })).toBeDisabled();

  const other = await second(browser, baseURL, "risk");
  await other.goto(page.url());
  await other.getByRole("button", { name: "Approve…" }).click();
  await expect(other.getByRole("dialog").getByText("The version in force until now is superseded")).toBeVisible();
  await other.getByRole("dialog").getByRole("textbox", { name: /Reason/ }).fill("read and agreed");
  await other.getByRole("dialog").getByRole("button", { name: "Approve record" }).click();
  await expect(other.locator(".facts")).toContainText("Approved");
  await other.context().close();
  await page.reload();
  await expect(page.locator(".versions")).toContainText("Superseded");
  await expect(page.getByRole("textbox", { name: "Ranking" })).toHaveCount(0);
});

test("an entry of the register owes records, until it is retired", async ({ page }) => {
  const name = `e2e-supplier-${Date.now().toString(36)}`;
  await page.goto("/records/register?kind=supplier");
  await page.getByRole("button", { name: "Add an entry" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill(name);
  await page.getByRole("dialog").getByRole("button", { name: "Add entry" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await page.getByRole("button", { name: "Retire…" }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: /Reason/ }).fill("was a test");
  await page.getByRole("dialog").getByRole("textbox", { name: /Type its name/ }).fill(name);
  await page.getByRole("dialog").getByRole("button", { name: "Retire entry" }).click();
  await expect(page.locator(".notice")).toContainText("Retired");
});
