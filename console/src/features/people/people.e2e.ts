import { expect, test } from "@playwright/test";

test("a service account gets a claim once, and is disabled only with a reason and its name", async ({ page }) => {
  const name = `svc-e2e-${Date.now().toString(36)}`;
  await page.goto("/people");
  await page.getByRole("button", { name: "Add account" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByLabel("Kind").selectOption("service");
  await dialog.getByRole("checkbox", { name: "Application" }).check();
  await dialog.getByRole("button", { name: "Add account" }).click();
  await expect(dialog.getByRole("button", { name: /Copy claim/ })).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).click();
  await page.goto(`/people/${name}`);
  await page.getByRole("button", { name: "Disable…" }).click();
  await dialog.getByRole("textbox", { name: /Reason/ }).fill("was a test");
  await dialog.getByRole("textbox", { name: /Type the name/ }).fill(name);
  await dialog.getByRole("button", { name: "Disable", exact: true }).click();
  await expect(page.locator(".facts")).toContainText("Disabled");
});

test("a weak first password is refused with its reason, and no account is made", async ({ page }) => {
  await page.goto("/people");
  await page.getByRole("button", { name: "Add account" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("e2e-weak");
  await dialog.getByLabel("First password").fill("password1");
  await dialog.getByRole("checkbox", { name: "Auditor" }).check();
  await dialog.getByLabel("Ends on").fill(new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10));
  await dialog.getByRole("button", { name: "Add account" }).click();
  await expect(dialog.getByRole("alert")).toContainText("The account was not added");
});
