import { Modal } from "@mantine/core";
import { Key } from "@/ui/parts/Parts";
import type { NavEntry } from "./Frame";

const keys: readonly [string[], string][] = [
  [["Ctrl K"], "Search or run"],
  [["j", "k"], "Next and previous row"],
  [["Enter"], "Open the row"],
  [["x"], "Select the row"],
  [["Shift X"], "Select up to the row"],
  [["/"], "Filter"],
  [["."], "Show newer rows"],
  [["c"], "Copy the id in focus"],
  [["["], "Previous in the list one came from"],
  [["]"], "Next in the list one came from"],
  [["Esc"], "Close the panel"],
  [["?"], "These keys"],
];

/** KeysHelp lists every key, those for pages from the navigation itself. */
export function KeysHelp({ entries, onClose }: { entries: readonly NavEntry[]; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} size={520} padding={0} aria-label="Keys">
      <div className="keyshelp">
        <h2>Keys</h2>
        <dl>
          {keys.map(([held, text]) => <div key={text}><dt>{held.map((key) => <Key key={key}>{key}</Key>)}</dt><dd>{text}</dd></div>)}
          {entries.filter((entry) => entry.keys).map((entry) => (
            <div key={entry.href}><dt><Key>g</Key><Key>{entry.keys}</Key></dt><dd>{entry.label}</dd></div>
          ))}
        </dl>
      </div>
    </Modal>
  );
}
