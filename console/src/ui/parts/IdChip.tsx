import { useState } from "react";
import { words } from "@/words";
import { Icon } from "./Icon";
import "./idchip.css";

/** shorten keeps the first six and last four characters of an id. */
export function shorten(id: string): string {
  return id.length <= 13 ? id : `${id.slice(0, 6)}…${id.slice(-4)}`;
}

/** hex writes a hash as people compare hashes; base64, as the log sends it, is turned into hex. */
export function hex(hash: string): string {
  if (!/^[A-Za-z0-9+/]{43}=$/.test(hash)) return hash;
  return [...atob(hash)].map((char) => char.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

/** IdChip shows an id short, whole on hover or focus, and copies it on click or with `c` while focused. */
export function IdChip({ id, label, full = false }: { id: string; label: string; full?: boolean }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    void navigator.clipboard?.writeText(id).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    });
  };
  return (
    <button type="button" className="idchip mono" title={id} onClick={copy}
      onKeyDown={(event) => event.key === "c" && !event.ctrlKey && !event.metaKey && copy()}>
      <span className="hidden">{words.copy} {label}</span>
      <span className={full ? "trunc" : ""}>{full ? id : shorten(id)}</span>
      <Icon name={copied ? "check" : "copy"} size={13} />
      <span className="idchip-said" role="status">{copied ? words.copied : ""}</span>
    </button>
  );
}
