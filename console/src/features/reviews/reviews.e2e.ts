import { expect, test } from "@playwright/test";
import { second } from "../../../e2e/second";

test("a review lists every account; one is kept with a reason, one's own is left to others, and it closes only when all are decided", async ({ page }) => {
  const title = `Review ${Date.now().toString(36)}`;
  await page.goto("/reviews");
  await page.getByRole("button", { name: "Open a review" }).click();
  await page.getByRole("dialog").getByLabel("Title").fill(title);
  await page.getByRole("dialog").getByRole("button", { name: "Open review" }).click();
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();
  await page.goto(`${page.url()}?kind=person`);
  await expect(page.getByText("your own")).toHaveCount(1);
  await expect(page.getByRole("button", { name: "Close the review" })).toBeDisabled();
  await page.getByRole("button", { name: "Keep…" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: /Reason/ }).fill("still in the same post");
  await dialog.getByRole("button", { name: "Keep account" }).click();
  await expect(page.locator(".facts"), "the figures count it").toContainText(/Kept\s*1/);
  await page.getByRole("button", { name: "Reject…" }).first().click();
  await dialog.getByRole("textbox", { name: /Reason/ }).fill("left");
  await expect(dialog.getByRole("button", { name: "Reject account" }), "the name has to be typed").toBeDisabled();
});

test("a review shows at once what another person decides", async ({ page, browser, baseURL }) => {
  const title = `Seen live ${Date.now().toString(36)}`;
  await page.goto("/reviews");
  await page.getByRole("button", { name: "Open a review" }).click();
  await page.getByRole("dialog").getByLabel("Title").fill(title);
  await page.getByRole("dialog").getByRole("button", { name: "Open review" }).click();
  await expect(page.getByRole("heading", { level: 1, name: title })).toBeVisible();

  const other = await second(browser, baseURL, "administrator");
  await other.goto(`${page.url()}?kind=service`);
  await other.getByRole("button", { name: "Keep…" }).first().click();
  await other.getByRole("dialog").getByRole("textbox", { name: /Reason/ }).fill("still reads the meters");
  await other.getByRole("dialog").getByRole("button", { name: "Keep account" }).click();
  await expect(other.locator(".facts"), "the server has it").toContainText(/Kept\s*1/);
  await other.context().close();
  await expect(page.locator(".facts"), "without a reload").toContainText(/Kept\s*1/, { timeout: 15_000 });
});
