import { useEffect, useRef, type ReactNode } from "react";
import { Go } from "./Go";
import { words } from "@/words";
import "./page.css";

export interface PageProps {
  /** title answers the page's question in one sentence, or names the object. */
  title: ReactNode;
  /** tab is what the browser's tab says. */
  tab: string;
  /** named says that the title is the object that the top bar already names; a phone then shows it once. */
  named?: boolean;
  note?: ReactNode;
  actions?: ReactNode;
  facts?: ReactNode;
  tabs?: ReactNode;
  rail?: ReactNode;
  children?: ReactNode;
}

/** Page is the body of every page: a sentence with its actions, facts, tabs, then columns under rules. */
export function Page({ title, tab, named = false, note, actions, facts, tabs, rail, children }: PageProps) {
  useEffect(() => { document.title = `${tab}, ${words.product}`; }, [tab]);
  return (
    <>
      <header className="pagehead">
        <div className="pagehead-line">
          <h1 className={named ? "pagehead-named" : ""}>{title}</h1>
          {note === undefined ? null : <p className="pagehead-note ink2" title={typeof note === "string" ? note : undefined}>{note}</p>}
          <span className="grow" />
          {actions === undefined ? null : <div className="pagehead-acts">{actions}</div>}
        </div>
        {facts}
        {tabs}
      </header>
      <div className={rail === undefined ? "pagebody" : "pagebody pagebody-rail"}>
        <div className="pagemain">{children}</div>
        {rail === undefined ? null : <aside className="rail" aria-label="Beside it">{rail}</aside>}
      </div>
    </>
  );
}

export interface TabLink { label: string; href: string; count?: number | undefined; active: boolean }

/** Tabs are links: each tab has an address of its own. */
export function Tabs({ tabs, label }: { tabs: readonly TabLink[]; label: string }) {
  const box = useRef<HTMLElement>(null);
  const shown = useRef("");
  useEffect(() => {
    // On a narrow screen the tabs scroll sideways; the one shown is brought into view, and nothing else moves.
    const nav = box.current;
    const tab = nav?.querySelector<HTMLElement>("[aria-current]");
    const now = `${tab?.getAttribute("href")} ${nav?.scrollWidth}`;
    if (!nav || !tab || now === shown.current) return;
    shown.current = now;
    if (nav.scrollWidth > nav.clientWidth) nav.scrollLeft = tab.offsetLeft - (nav.clientWidth - tab.offsetWidth) / 2;
  });
  return (
    <nav ref={box} className="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <Go key={tab.href} href={tab.href} {...(tab.active ? { "aria-current": "page" as const } : {})}>
          {tab.label}
          {tab.count === undefined ? null : <span className="small ink3"> {tab.count.toLocaleString("en")}</span>}
        </Go>
      ))}
    </nav>
  );
}
