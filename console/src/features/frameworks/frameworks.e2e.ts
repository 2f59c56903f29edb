import { expect, test } from "@playwright/test";

const uuid = "7f1a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b";
const catalogue = (controls: object[]) => JSON.stringify({ catalog: { uuid, metadata: { title: "House rules", "last-modified": "2026-01-01T00:00:00Z", version: "1", "oscal-version": "1.1.2" }, groups: [{ id: "g", title: "Rules", controls }] } });

test("a catalogue is read first, with its faults, then imported, mapped and removed", async ({ page }) => {
  await page.goto("/frameworks");
  await page.getByRole("button", { name: "Import…" }).click();
  const dialog = page.getByRole("dialog");
  const file = dialog.locator("input[type=file]");
  await file.setInputFiles({ name: "broken.json", mimeType: "application/json", buffer: Buffer.from("{}") });
  await expect(dialog.getByRole("alert")).toContainText(/nothing was imported/i);
  await expect(dialog.getByRole("button", { name: "Import" })).toBeDisabled();
  await file.setInputFiles({ name: "house.json", mimeType: "application/json", buffer: Buffer.from(catalogue([{ id: "r-1", title: "Doors are locked", parts: [{ id: "r-1_smt", name: "statement", prose: "Each door is locked." }] }])) });
  await expect(dialog.getByText("1 item, no fault found")).toBeVisible();
  await dialog.getByRole("button", { name: "Import" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("House rules");
  await page.locator("#page [data-row]").first().click();
  await page.getByRole("button", { name: "Map a control…" }).click();
  await dialog.getByLabel("Control").selectOption("CRD-01");
  await dialog.getByLabel("Why it counts here").fill("a door opens by a credential");
  await dialog.getByRole("button", { name: "Map", exact: true }).click();
  await expect(page.getByRole("table", { name: /Controls of/ })).toContainText("CRD-01");
  await page.getByRole("button", { name: "Remove…" }).click();
  await dialog.getByRole("textbox", { name: /Reason/ }).fill("was a test");
  const id = (await dialog.locator("#confirm-text code").textContent()) ?? "";
  await dialog.getByRole("textbox", { name: /Type the framework/ }).fill(id);
  await dialog.getByRole("button", { name: "Remove framework" }).click();
  await expect(page).toHaveURL(/\/frameworks$/);
  await expect(page.getByText("House rules")).toHaveCount(0);
});

test("every mapping names its source, and the two of the Top 10 are never mixed", async ({ page }) => {
  await page.goto("/frameworks/owasp-iot-2018");
  await expect(page.getByRole("link", { name: "Our mapping, per control" })).toHaveAttribute("aria-current", "page");
  await page.getByRole("link", { name: "The framework's own" }).click();
  await expect(page).toHaveURL(/provenance=source/);
  await expect(page.getByText("not mapped").first()).toBeVisible();
});
