import type { ReactNode } from "react";
import { words } from "@/words";
import "./marks.css";
import { colour, wordColour, type Status } from "./status";

const solid = { stroke: "var(--on-solid)", strokeWidth: 1.7, fill: "none", strokeLinecap: "round", strokeLinejoin: "round" } as const;
const open = { stroke: "currentColor", strokeWidth: 1.5, fill: "none", strokeLinecap: "round", strokeLinejoin: "round" } as const;

const shapes: Record<Status, ReactNode> = {
  pass: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path d="M4.9 8.2 7.1 10.4 11.2 5.9" {...solid} />
    </>
  ),
  fail: (
    <>
      <path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1Z" fill="currentColor" />
      <path d="m5.5 5.5 5 5m0-5-5 5" {...solid} strokeWidth={1.9} />
    </>
  ),
  stale: (
    <>
      <circle cx="8" cy="8" r="6.4" {...open} />
      <path d="M8 4.5V8l2.3 1.7" {...open} />
    </>
  ),
  unknown: (
    <>
      <rect x="1.6" y="1.6" width="12.8" height="12.8" rx="2" {...open} />
      <path d="M6.1 6.2a1.95 1.95 0 1 1 2.9 1.75c-.7.4-1 .8-1 1.5M8 11.7v.05" {...open} />
    </>
  ),
  "not-assessed": <circle cx="8" cy="8" r="6.3" {...open} strokeWidth={1.4} strokeDasharray="1.9 2.05" strokeLinecap="butt" />,
  "not-applicable": <path d="M4.5 8h7" {...open} />,
  excepted: (
    <>
      <path d="M8 1.3 14.7 8 8 14.7 1.3 8Z" {...open} />
      <path d="M8 4.5 11.5 8 8 11.5Z" fill="currentColor" />
    </>
  ),
};

/** StatusGlyph is the shape alone; give it a word beside it or a label. */
export function StatusGlyph({ status, size = 13, label }: { status: Status; size?: number; label?: string }) {
  const named = label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label };
  return (
    <svg viewBox="0 0 16 16" width={size} height={size} style={{ color: colour(status), flex: "none" }} {...named}>
      {shapes[status]}
    </svg>
  );
}

/** StatusMark shows a status as shape and word; `count` and `note` join the word ("2 fail", "Fail since 14:18"). */
export function StatusMark({ status, count, note, size }: { status: Status; count?: number; note?: string; size?: number }) {
  const word = count === undefined ? words.status[status] : `${count.toLocaleString("en")} ${words.status[status].toLowerCase()}`;
  return (
    <span className="mark" style={{ color: wordColour(status) }}>
      <StatusGlyph status={status} {...(size ? { size } : {})} />
      <span>
        {word}
        {note ? ` ${note}` : ""}
      </span>
    </span>
  );
}
