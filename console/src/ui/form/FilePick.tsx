import { useId, useState, type DragEvent } from "react";
import { Icon } from "@/ui/parts/Icon";
import "./form.css";

/** sizeText says how large a file is: "3.2 MB". */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** FilePick takes a file by button, keyboard or drop. */
export function FilePick({ label, accept, file, onPick, disabled = false, most }: { label: string; accept?: string; file?: File | undefined; onPick: (file: File) => void; disabled?: boolean; most?: string }) {
  const id = useId();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped && !disabled) onPick(dropped);
  };
  return (
    // Dropping is a second way beside the labelled input within.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={over ? "filepick filepick-over" : "filepick"} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
      <input id={id} type="file" disabled={disabled} {...(accept ? { accept } : {})} onChange={(event) => { const chosen = event.currentTarget.files?.[0]; if (chosen) onPick(chosen); event.currentTarget.value = ""; }} />
      <label htmlFor={id} className={disabled ? "btn btn-plain btn-off" : "btn btn-plain"}><Icon name="upload" size={13} />{label}</label>
      <span className="small ink3">{file ? `${file.name}, ${sizeText(file.size)}` : `or drop it here${most ? `, at most ${most}` : ""}`}</span>
    </div>
  );
}

/** Sent shows how far an upload is, in a bar and in words. */
export function Sent({ name, done, total }: { name: string; done: number; total: number }) {
  const share = total === 0 ? 0 : Math.floor((100 * done) / total);
  return (
    <div className="sent" role="status">
      <span className="trunc">{name}</span><span className="small ink2 nowrap">{share < 100 ? `${sizeText(done)} of ${sizeText(total)}` : "checked and stored…"}</span>
      <progress className="bar" value={done} max={Math.max(1, total)} aria-label={`Upload of ${name}`} />
    </div>
  );
}
