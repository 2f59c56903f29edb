import type { ReactNode } from "react";
import { useRouterState } from "@tanstack/react-router";
import { PatternDefs } from "@/ui/charts/PatternDefs";
import { Button } from "@/ui/parts/Button";
import { Icon, Logo, type IconName } from "@/ui/parts/Icon";
import { Go } from "@/ui/parts/Go";
import { Key } from "@/ui/parts/Parts";
import { words } from "@/words";
import { Progress } from "./Progress";
import { useKeys } from "./keys";
import "./frame.css";

/** NavEntry is a way to a page; `under` names the other pages that belong to it and light it up. */
export interface NavEntry { label: string; href: string; icon: IconName; count?: ReactNode; urgent?: boolean; keys?: string; under?: readonly string[] }
export interface NavGroup { label?: string; entries: readonly NavEntry[] }
export interface Crumb { label: string; href?: string }

export interface FrameProps {
  groups: readonly NavGroup[];
  /** phone is the bottom bar: at most five ways. */
  phone: readonly NavEntry[];
  crumbs: readonly Crumb[];
  tools?: ReactNode;
  trail?: ReactNode;
  user: ReactNode;
  foot: ReactNode;
  notice?: ReactNode;
  onSearch: () => void;
  children: ReactNode;
}

/** Frame holds every page: side navigation, top bar, foot line; on a phone a bottom bar instead of the side. */
export function Frame(props: FrameProps) {
  useKeys(props.groups.flatMap((group) => group.entries), props.onSearch);
  return (
    <div className="frame">
      <a className="skip" href="#page">Skip to content</a>
      <PatternDefs />
      <Progress />
      <Side groups={props.groups} user={props.user} />
      <div className="main">
        <Top {...props} />
        {props.notice}
        {/* The scrolling region has to be reachable by keyboard. */}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <main id="page" tabIndex={-1}>{props.children}</main>
      </div>
      <footer className="foot">{props.foot}</footer>
      <Bottom entries={props.phone} />
    </div>
  );
}

/** lights tells whether a page belongs to an entry of the navigation. */
export function lights(entry: Pick<NavEntry, "href" | "under">, path: string): boolean {
  return [entry.href, ...(entry.under ?? [])].some((href) => (href === "/" ? path === "/" : path === href || path.startsWith(`${href}/`)));
}

function useActive(): (entry: NavEntry) => boolean {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (entry) => lights(entry, path);
}

function Side({ groups, user }: { groups: readonly NavGroup[]; user: ReactNode }) {
  const active = useActive();
  return (
    <div className="side">
      <Go href="/" className="brand plain"><Logo /><span className="side-word">{words.product}</span></Go>
      <nav aria-label="Main">
        {groups.map((group) => (
          <div key={group.label ?? ""} className="navgroup">
            {group.label === undefined ? null : <div className="navlabel side-word">{group.label}</div>}
            {group.entries.map((entry) => (
              <Go key={entry.href} href={entry.href} className="nav" title={entry.label} {...(active(entry) ? { "aria-current": "page" as const } : {})}>
                <Icon name={entry.icon} size={16} />
                <span className="side-word grow">{entry.label}</span>
                {entry.count === undefined ? null : <span className={entry.urgent ? "navcount navcount-urgent" : "navcount"}>{entry.count}</span>}
              </Go>
            ))}
          </div>
        ))}
      </nav>
      <div className="side-user">{user}</div>
    </div>
  );
}

function Top({ crumbs, tools, trail, onSearch }: FrameProps) {
  return (
    <div className="top">
      {crumbs.length > 1 ? <Go href={crumbs[0]?.href ?? "/"} className="btn btn-quiet btn-icon back" aria-label={`Back to ${crumbs[0]?.label}`}><Icon name="back" size={20} /></Go> : null}
      <nav aria-label="Path" className="crumbs">
        {crumbs.map((crumb, i) => (
          <span key={crumb.label} className="crumb">
            {i > 0 ? <Icon name="right" size={12} /> : null}
            {crumb.href === undefined || i === crumbs.length - 1
              ? <span aria-current={i === crumbs.length - 1 ? "page" : undefined} className={i === crumbs.length - 1 ? "crumb-here trunc" : "ink2"}>{crumb.label}</span>
              : <Go href={crumb.href} className="ink2">{crumb.label}</Go>}
          </span>
        ))}
      </nav>
      {trail}
      <span className="grow" />
      <button type="button" className="searchbox" onClick={onSearch} aria-keyshortcuts="Control+K">
        <Icon name="search" /> <span className="grow searchbox-word">Search or run</span> <Key>Ctrl K</Key>
      </button>
      {tools}
    </div>
  );
}

function Bottom({ entries }: { entries: readonly NavEntry[] }) {
  const active = useActive();
  return (
    <nav className="bottom" aria-label="Main, phone">
      {entries.map((entry) => (
        <Go key={entry.href} href={entry.href} {...(active(entry) ? { "aria-current": "page" as const } : {})}>
          <span className="bottom-icon">
            <Icon name={entry.icon} size={20} />
            {entry.count === undefined ? null : <span className="badge">{entry.count}</span>}
          </span>
          {entry.label}
        </Go>
      ))}
    </nav>
  );
}

/** ToolButton is a small button of the top bar. */
export function ToolButton({ icon, label, onClick }: { icon: IconName; label: string; onClick: () => void }) {
  return <Button icon={<Icon name={icon} />} aria-label={label} title={label} onClick={onClick} />;
}
