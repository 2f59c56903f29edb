import { expect, test } from "@playwright/test";
import { sessions } from "../../../playwright.config";

test.describe("an auditor", () => {
  test.use({ storageState: sessions.auditor });

  test("reads entries and has each proved from its own bytes", async ({ page }) => {
    await page.goto("/audit");
    await expect(page.getByRole("table", { name: "Entries of the log" })).toBeVisible();
    await page.locator("#page [data-row]").nth(5).click();
    const panel = page.getByRole("complementary");
    await expect(panel.locator(".steps")).toContainText("Entry hash recomputed");
    await expect(panel).toContainText("Verified here");
    await expect(panel.getByText("Actor")).toBeVisible();
  });
});

test("who is no auditor verifies without reading entries", async ({ page }) => {
  await page.goto("/audit");
  await expect(page.getByText("Only auditors read entries")).toBeVisible();
  await expect(page.getByRole("table", { name: "Entries of the log" })).toHaveCount(0);
});

test("the headline is the verdict, checked in this browser", async ({ page }) => {
  await page.goto("/audit");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Nothing was altered, up to entry");
  await expect(page.locator(".facts")).toContainText("Verified here");
  await page.getByRole("button", { name: "Verify all" }).click();
  await expect(page.locator(".facts")).toContainText(/Pass [\d,]+ entries/);
});

test("one entry is proved here: hash or place, signature, and consistency with the visit before", async ({ page }) => {
  await page.goto("/audit");
  await expect(page.locator(".facts")).toContainText("Verified here");
  await page.goto("/audit/3");
  const panel = page.getByRole("complementary", { name: "Entry 3" });
  await expect(panel.locator(".steps")).toContainText(/Included in the tree, \d+ hashes/);
  await expect(panel.locator(".steps")).toContainText("Checkpoint signature good");
  await expect(panel.locator(".steps")).toContainText("Consistent with your last visit");
  await expect(panel.getByRole("img", { name: "bad" })).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
  await expect(page).toHaveURL(/\/audit$/);
});

test("a forged proof is called what it is", async ({ page }) => {
  await page.route("**/api/v1/audit/proof/3*", async (route) => {
    const answer = await route.fetch();
    const proof = (await answer.json()) as { hashes: string[] };
    await route.fulfill({ response: answer, json: { ...proof, hashes: proof.hashes.map((_, i) => (i === 0 ? btoa("x".repeat(32)) : (proof.hashes[i] ?? ""))) } });
  });
  await page.goto("/audit/3");
  await expect(page.getByText("Verification failed")).toBeVisible();
  await expect(page.getByText("Entry 3 does not verify")).toBeVisible();
});

test("a log that is shorter than at the last visit replaces the headline", async ({ page }) => {
  await page.goto("/audit");
  await expect(page.locator(".facts")).toContainText("Verified here");
  await page.evaluate(() => {
    const visit = JSON.parse(localStorage.getItem("thingward-log-visit") ?? "{}") as object;
    localStorage.setItem("thingward-log-visit", JSON.stringify({ ...visit, size: 99_999_999 }));
  });
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("does not verify");
  await expect(page.getByText("The log is shorter than at your last visit")).toBeVisible();
});
