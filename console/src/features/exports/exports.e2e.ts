import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";

test("a pack is made in the background, and a file fetched is the one whose hash is shown", async ({ page }) => {
  await page.goto("/exports");
  await page.getByRole("button", { name: "Export a pack…" }).click();
  const dialog = page.getByRole("dialog");
  for (const format of ["OSCAL", "OCSF", "XLSX", "PDF"]) await dialog.getByText(format, { exact: false }).first().click();
  await dialog.getByLabel("Domain").selectOption("CRD");
  await dialog.getByRole("button", { name: "Export pack" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("The pack is ready", { timeout: 45_000 });
  const row = page.getByRole("table", { name: "Files" }).getByRole("row").filter({ hasText: ".csv" }).first();
  const shown = await row.getByRole("button", { name: /Copy hash/ }).getAttribute("title");
  const [download] = await Promise.all([page.waitForEvent("download"), row.getByRole("link").click()]);
  const body = await readFile(await download.path());
  expect(createHash("sha256").update(body).digest("hex")).toBe(shown);
  await expect(page.getByText("Bound to the log")).toBeVisible();
});
