import { Modal } from "@mantine/core";
import { useId, useMemo, useState, type KeyboardEvent } from "react";
import { Key } from "@/ui/parts/Parts";
import { Icon, type IconName } from "@/ui/parts/Icon";
import "./overlay.css";

export interface Command { id: string; title: string; hint?: string; icon?: IconName; keys?: string; run: () => void }

type Props = { commands: readonly Command[]; found: readonly Command[]; onText: (text: string) => void; onClose: () => void };

/** rank keeps the commands whose title has every word typed, those that start with it first. */
export function rank(commands: readonly Command[], text: string): Command[] {
  const parts = text.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = commands.filter((command) => parts.every((part) => `${command.title} ${command.hint ?? ""}`.toLowerCase().includes(part)));
  const first = (command: Command) => (command.title.toLowerCase().startsWith(parts[0] ?? "") ? 0 : 1);
  return hits.sort((a, b) => first(a) - first(b));
}

/** CommandPalette goes to a page, finds an object and runs an act, by keyboard; `found` is what the server found for the text. */
export function CommandPalette({ commands, found, onText, onClose }: Props) {
  const id = useId();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const shown = useMemo(() => [...rank(commands, text), ...found].slice(0, 14), [commands, found, text]);
  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const press = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setAt((at + step + shown.length) % Math.max(1, shown.length));
    } else if (event.key === "Enter") run(shown[at]);
  };
  const type = (value: string) => {
    setText(value);
    setAt(0);
    onText(value);
  };
  return (
    <Modal opened onClose={onClose} size={600} padding={0} yOffset="12vh" centered={false} aria-label="Search or run">
      <div className="palette-words">
        <Icon name="search" />
        <input data-autofocus value={text} onChange={(event) => type(event.target.value)} onKeyDown={press} placeholder="Page, device, serial, control, act" aria-label="Search or run"
          role="combobox" aria-expanded aria-controls={id} aria-activedescendant={`${id}-${at}`} autoComplete="off" spellCheck={false} />
        <Key>Esc</Key>
      </div>
      <ul className="palette" id={id} role="listbox" aria-label="Results">
        {shown.map((command, i) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
          <li key={command.id} id={`${id}-${i}`} role="option" aria-selected={i === at} onMouseMove={() => setAt(i)} onClick={() => run(command)}>
            {command.icon ? <Icon name={command.icon} /> : null}
            <span className="trunc">{command.title}</span>
            <span className="small ink3 grow trunc">{command.hint}</span>
            {command.keys ? <Key>{command.keys}</Key> : null}
          </li>
        ))}
        {shown.length === 0 ? <li role="option" aria-selected={false} className="ink3">Nothing is called that. Try part of a name, a serial or a control id.</li> : null}
      </ul>
    </Modal>
  );
}
