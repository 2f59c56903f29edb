import { useId, useState, type KeyboardEvent, type ReactNode } from "react";
import { Icon } from "@/ui/parts/Icon";
import { complete, typed, type Field, type Filter } from "./filter";
import "./filter.css";

type Props = { filter: Filter; fields: readonly Field[]; onChange: (filter: Filter) => void; placeholder: string; children?: ReactNode };

/** FilterBar turns typed words into chips (`status:fail`); what is no field searches. `/` focuses it. */
export function FilterBar({ filter, fields, onChange, placeholder, children }: Props) {
  const [text, setText] = useState(filter.words);
  const [seen, setSeen] = useState(filter.words);
  if (seen !== filter.words) {
    setSeen(filter.words);
    setText(filter.words);
  }
  const commit = (value: string) => {
    const kept: string[] = [];
    const next = { ...filter.fields };
    for (const word of value.trim().split(/\s+/)) {
      const chip = typed(word, fields);
      if (chip) next[chip.name] = chip.value;
      else if (word) kept.push(word);
    }
    setText(kept.join(" "));
    onChange({ fields: next, words: kept.join(" ") });
  };
  const chips = (name: string) => !fields.some((field) => field.name === name && field.elsewhere);
  const drop = (name: string) => onChange({ ...filter, fields: Object.fromEntries(Object.entries(filter.fields).filter(([key]) => key !== name)) });
  return (
    <div className="filterbar" role="search">
      <Words text={text} setText={setText} commit={commit} fields={fields} placeholder={placeholder}
        undo={() => { const last = Object.keys(filter.fields).findLast(chips); if (last) drop(last); }} />
      {Object.entries(filter.fields).filter(([name]) => chips(name)).map(([name, value]) => (
        <Chip key={name} name={fields.find((field) => field.name === name)?.label ?? name} value={value} drop={() => drop(name)} />
      ))}
      <span className="grow" />
      {children}
    </div>
  );
}

/** Chip is one condition of a filter, with a button to drop it. */
function Chip({ name, value, drop }: { name: string; value: string; drop: () => void }) {
  return (
    <span className="chip">
      <span className="ink2">{name} is</span> <b>{value}</b>
      <button type="button" aria-label={`Drop ${name} ${value}`} onClick={drop}><Icon name="close" size={12} /></button>
    </span>
  );
}

type WordsProps = { text: string; setText: (text: string) => void; commit: (text: string) => void; fields: readonly Field[]; placeholder: string; undo: () => void };

function Words({ text, setText, commit, fields, placeholder, undo }: WordsProps) {
  const id = useId();
  const [at, setAt] = useState(-1);
  const [open, setOpen] = useState(false);
  const offers = open ? complete(text, fields) : [];
  const take = (offer: string) => {
    const whole = [...text.split(/\s+/).slice(0, -1), offer].join(" ");
    setAt(-1);
    if (offer.endsWith(":")) setText(whole);
    else commit(whole);
  };
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    const offer = offers[at];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setAt((event.key === "ArrowDown" ? at + 1 : at - 1 + offers.length) % Math.max(1, offers.length));
    } else if (event.key === "Enter" && offer) take(offer);
    else if (event.key === "Enter") commit(text);
    else if (event.key === "Escape") event.currentTarget.blur();
    else if (event.key === "Backspace" && text === "") undo();
    else setOpen(true);
  };
  return (
    <span className="filterwords">
      <Icon name="filter" size={14} />
      <input id={id} data-filter value={text} placeholder={placeholder} aria-label={`Filter: ${placeholder}`} autoComplete="off" spellCheck={false}
        role="combobox" aria-expanded={offers.length > 0} aria-controls={`${id}-list`} aria-autocomplete="list" {...(offers[at] ? { "aria-activedescendant": `${id}-${at}` } : {})}
        onChange={(event) => setText(event.target.value)} onKeyDown={press} onBlur={() => { setOpen(false); if (text !== "") commit(text); else commit(""); }} />
      <ul id={`${id}-list`} role="listbox" aria-label="Completions" className={offers.length > 0 ? "offers" : "offers-none"}>
        {offers.map((offer, i) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
          <li key={offer} id={`${id}-${i}`} role="option" aria-selected={i === at} className="mono" onMouseDown={(event) => { event.preventDefault(); take(offer); }}>{offer}</li>
        ))}
      </ul>
    </span>
  );
}
