import type { Browser, Page } from "@playwright/test";
import { sessions } from "../playwright.config";

/** second gives a page of another person, who decides about what the first one asked for. */
export async function second(browser: Browser, baseURL: string | undefined, role: keyof typeof sessions): Promise<Page> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, storageState: sessions[role], viewport: { width: 1440, height: 900 }, locale: "en-GB", ...(baseURL ? { baseURL } : {}) });
  return context.newPage();
}

/** day is so many days from today, as a date field takes it. */
export function day(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
