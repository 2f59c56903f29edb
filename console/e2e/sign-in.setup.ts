import { expect, test } from "@playwright/test";
import { session } from "../playwright.config";

const link = process.env["THINGWARD_E2E_LINK"] ?? "";
const token = link.includes("token=") ? (new URL(link, "https://x").searchParams.get("token") ?? "") : link;

test("a one-time link signs in, once, and leaves no token in the address", async ({ page }) => {
  await page.goto(`/sign-in/link?token=${encodeURIComponent(token)}`);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("navigation", { name: "Main", exact: true })).toBeVisible();
  expect(page.url()).not.toContain(token);
  await page.context().storageState({ path: session });

  const again = await page.context().browser()?.newContext({ ignoreHTTPSErrors: true });
  const second = await again?.newPage();
  await second?.goto(new URL(`/sign-in/link?token=${encodeURIComponent(token)}`, page.url()).href);
  await second?.getByRole("button", { name: "Sign in" }).click();
  await expect(second?.getByRole("alert") ?? page.locator("#none")).toContainText("The link did not work");
  await again?.close();
});
