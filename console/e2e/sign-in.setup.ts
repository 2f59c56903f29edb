import { expect, test, type Page } from "@playwright/test";
import { sessions } from "../playwright.config";

// address takes a whole link, or the secret of one.
function address(link: string): string {
  return link.includes("/sign-in/link") ? link.slice(link.indexOf("/sign-in/link")) : `/sign-in/link#${link}`;
}

async function enter(page: Page, link: string): Promise<void> {
  await page.goto(address(link));
  await page.getByRole("button", { name: "Sign in" }).click();
}

const variables = { administrator: "THINGWARD_E2E_LINK", auditor: "THINGWARD_E2E_AUDITOR_LINK", risk: "THINGWARD_E2E_RISK_LINK" } as const;

for (const role of ["administrator", "auditor", "risk"] as const) {
  test(`a one-time link signs the ${role} in, once, and leaves no secret in the address`, async ({ page, browser, baseURL }) => {
    const link = process.env[variables[role]] ?? "";
    expect(link, "the sign-in link that the demo printed").not.toBe("");
    await enter(page, link);
    await expect(page.getByRole("navigation", { name: "Main", exact: true })).toBeVisible();
    expect(page.url()).not.toContain("#");
    expect(page.url()).not.toContain("token");
    await page.context().storageState({ path: sessions[role] });

    const stranger = await browser.newContext({ ignoreHTTPSErrors: true, ...(baseURL ? { baseURL } : {}) });
    const second = await stranger.newPage();
    await enter(second, link);
    await expect(second.getByRole("alert")).toContainText("The link did not work");
    await stranger.close();
  });
}
