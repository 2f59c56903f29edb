import { expect, test } from "@playwright/test";

test("the first visit follows the system; a chosen theme stays", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/");
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "light");
  await page.getByRole("button", { name: /Signed in as/ }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
});

test("comfortable rows are taller, and stay so", async ({ page }) => {
  await page.goto("/devices");
  const row = page.locator("tbody tr").first();
  const before = (await row.boundingBox())?.height ?? 0;
  await page.getByRole("button", { name: /Signed in as/ }).click();
  await page.getByRole("menuitemradio", { name: "Comfortable" }).click();
  await page.reload();
  await expect.poll(async () => (await row.boundingBox())?.height ?? 0).toBe(before + 6);
});

test("the foot says that the page is live and the log is sealed, and says so in words when the stream is lost", async ({ page }) => {
  await page.goto("/");
  const foot = page.locator("footer");
  await expect(foot).toContainText("Live");
  await expect(foot).toContainText("Log sealed");
  await page.route("**/api/v1/live", (route) => route.abort());
  await page.reload();
  await expect(foot).toContainText(/Not live since \d\d:\d\d:\d\d/);
});

test("who is not signed in is sent to the sign-in page and back to where they wanted to go", async ({ browser, baseURL }) => {
  const stranger = await browser.newContext({ ignoreHTTPSErrors: true, storageState: { cookies: [], origins: [] }, ...(baseURL ? { baseURL } : {}) });
  const page = await stranger.newPage();
  await page.goto("/devices?state=active");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  expect(new URL(page.url()).searchParams.get("then")).toBe("/devices?state=active");
  await page.getByLabel("Name").fill("nobody");
  await page.getByLabel("Password", { exact: true }).fill("not a password of anyone");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("Not signed in");
  await stranger.close();
});

test("an error says what happened, under which request, and offers to try again", async ({ page }) => {
  await page.goto("/devices/no-such-device-here");
  const error = page.getByRole("alert");
  await expect(error).toContainText("no-such-device-here could not be read");
  await expect(error.getByRole("button", { name: /Copy request id/ })).toBeVisible();
  await expect(error.getByRole("button", { name: "Try again" })).toBeVisible();
});

test("on a phone exactly one way of the bar is lit on each page of posture", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const [path, lit] of [["/", "Overview"], ["/controls/RSM-01", "Posture"], ["/findings", "Posture"], ["/exceptions", "Posture"], ["/frameworks", "Posture"], ["/records/calendar", "Posture"], ["/risks", "Posture"], ["/audit", "More"], ["/engagements", "More"]] as const) {
    await page.goto(path);
    const here = page.getByRole("navigation", { name: "Main, phone" }).locator("[aria-current=page]");
    await expect(here, path).toHaveCount(1);
    await expect(here, path).toContainText(lit);
  }
});
