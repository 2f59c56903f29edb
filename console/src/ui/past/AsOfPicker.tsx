import { Popover } from "@mantine/core";
import { useId, useState, type FormEvent } from "react";
import { Button } from "@/ui/parts/Button";
import { Icon } from "@/ui/parts/Icon";
import { whenText } from "@/ui/time/format";
import "./past.css";

const hour = 3_600_000;
const steps = [["An hour ago", hour], ["This time yesterday", 24 * hour], ["A week ago", 7 * 24 * hour], ["30 days ago", 30 * 24 * hour], ["90 days ago", 90 * 24 * hour]] as const;

/** localInput writes a moment as the browser's date and time field wants it, in local time. */
export function localInput(at: number): string {
  const time = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return time.toISOString().slice(0, 16);
}

/** latest is the latest moment that can be asked for. */
export function latest(): string {
  return localInput(Date.now());
}

/** AsOfPicker chooses the moment that pages are shown for: now, or a time that has passed. */
export function AsOfPicker({ at, onChange }: { at: string | undefined; onChange: (at: string | undefined) => void }) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const pick = (moment: number | undefined) => {
    setOpen(false);
    onChange(moment === undefined ? undefined : new Date(Math.floor(moment / 1000) * 1000).toISOString().replace(".000Z", "Z"));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const moment = Date.parse(typed);
    if (Number.isFinite(moment) && moment < Date.now()) pick(moment);
  };
  const show = () => {
    setTyped(localInput(at === undefined ? Date.now() - hour : Date.parse(at)));
    setOpen(!open);
  };
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" trapFocus returnFocus withRoles={false}>
      <Popover.Target>
        <button type="button" className={at === undefined ? "asof" : "asof asof-past"} onClick={show} aria-expanded={open} aria-haspopup="dialog">
          <Icon name="clock" size={14} />
          <span className="asof-label ink2">As of</span>
          <b>{at === undefined ? <>Now<span className="asof-live">, live</span></> : whenText(Date.parse(at))}</b>
          <Icon name="down" size={12} />
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <form className="asof-box" onSubmit={submit} role="dialog" aria-label="As of">
          <p className="small ink2">Posture, findings and risks are recomputed for the time you choose, and proved by the checkpoint of that time.</p>
          <div className="asof-steps">{steps.map(([label, back]) => <Button key={label} kind="quiet" onClick={() => pick(Date.now() - back)}>{label}</Button>)}</div>
          <label htmlFor={id} className="small">Date and time, local</label>
          <div className="row">
            <input id={id} type="datetime-local" className="plaininput grow" value={typed} max={latest()} onChange={(event) => setTyped(event.currentTarget.value)} />
            <Button type="submit" kind="primary">Show</Button>
          </div>
          {at === undefined ? null : <Button onClick={() => pick(undefined)}>Back to now</Button>}
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
