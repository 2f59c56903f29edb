import { Popover } from "@mantine/core";
import { useState, type KeyboardEvent } from "react";
import { Icon } from "@/ui/parts/Icon";
import type { Scope } from "./scope";
import "@/ui/past/past.css";
import "./scope.css";

/** Place is a system with its sites; sites of no system stand under a place without a name. */
export interface Place { system?: string; sites: readonly string[] }
type Props = { scope: Scope; places: readonly Place[]; onChange: (scope: Scope) => void };

const whole = "The organisation";
const many = 10; // with more ways than this, typing is quicker than looking

/** ScopePicker narrows a page to a system or a site, as far as the server can count for it. */
export function ScopePicker({ scope, places, onChange }: Props) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const pick = (next: Scope) => {
    setOpen(false);
    setTyped("");
    onChange(next);
  };
  const name = scope.site ?? scope.system;
  const has = (text: string) => text.toLowerCase().includes(typed.trim().toLowerCase());
  const shown = places.map((place) => ({ ...place, sites: place.system !== undefined && has(place.system) ? place.sites : place.sites.filter(has) })).filter((place) => place.sites.length > 0 || (place.system !== undefined && has(place.system)));
  const all = places.reduce((sum, place) => sum + place.sites.length + 1, 0);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus returnFocus withRoles={false}>
      <Popover.Target>
        <button type="button" className={name === undefined ? "asof scope" : "asof scope asof-past"} onClick={() => setOpen(!open)} aria-expanded={open} aria-haspopup="dialog">
          <Icon name="topology" size={14} />
          <span className="asof-label ink2">Scope</span>
          <b className="trunc">{name ?? whole}</b>
          <Icon name="down" size={12} />
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className="scope-box" role="dialog" aria-label="Scope">
          {all > many ? <input className="plaininput" aria-label="Find a system or site" placeholder="Find a system or site" value={typed} data-autofocus onChange={(event) => setTyped(event.currentTarget.value)} /> : null}
          {/* The arrow keys move between the ways, as in a menu. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
          <ul onKeyDown={walk}>
            <li><Way text={whole} on={name === undefined} go={() => pick({})} /></li>
            {shown.map((place) => (
              <li key={place.system ?? ""}>
                {place.system === undefined ? <span className="scope-none small ink3">Sites of no system</span> : <Way text={place.system} on={scope.site === undefined && scope.system === place.system} go={() => pick({ system: place.system as string })} />}
                <ul>{place.sites.map((site) => <li key={site}><Way text={site} inner on={scope.site === site} go={() => pick({ site })} /></li>)}</ul>
              </li>
            ))}
          </ul>
          {shown.length === 0 ? <p className="small ink3 scope-none">{places.length === 0 ? "No system and no site is entered yet." : "Nothing has this in its name."}</p> : null}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function Way({ text, on, inner = false, go }: { text: string; on: boolean; inner?: boolean; go: () => void }) {
  return (
    <button type="button" className={`scope-way${inner ? " scope-inner" : ""}`} aria-pressed={on} {...(on ? { "data-autofocus": true } : {})} onClick={go}>
      <span className="scope-tick" aria-hidden>{on ? "✓" : ""}</span><span className="trunc">{text}</span>
    </button>
  );
}

function walk(event: KeyboardEvent<HTMLUListElement>): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  const ways = [...event.currentTarget.querySelectorAll("button")];
  const next = ways.indexOf(document.activeElement as HTMLButtonElement) + (event.key === "ArrowDown" ? 1 : -1);
  ways[(next + ways.length) % ways.length]?.focus();
}
