import type { ReactNode } from "react";
import { words } from "@/words";
import { Button } from "./Button";
import { IdChip } from "./IdChip";
import "./states.css";

/** EmptyState teaches the next step: what is missing, how to change that, the real command when there is one. */
export function EmptyState({ title, children, command, action }: { title: string; children?: ReactNode; command?: string; action?: ReactNode }) {
  return (
    <div className="state">
      <p className="state-title">{title}</p>
      {children === undefined ? null : <p className="ink2">{children}</p>}
      {command === undefined ? null : <CommandLine command={command} />}
      {action}
    </div>
  );
}

/** CommandLine shows a command as it is typed, ready to copy. */
export function CommandLine({ command }: { command: string }) {
  return (
    <div className="command">
      <span className="ink3 mono" aria-hidden>$</span>
      <IdChip id={command} label="command" full />
    </div>
  );
}

/** Trouble is what an error says to a reader: what happened, what to do, under which request id. */
export interface Trouble {
  title: string;
  detail?: string;
  remedy?: string;
  requestId?: string;
  fields?: readonly { name: string; message: string }[];
}

/** ErrorState says an RFC 9457 problem in words, with the request id to quote and a way to try again. */
export function ErrorState({ trouble, again }: { trouble: Trouble; again?: () => void }) {
  return (
    <div className="state state-error" role="alert">
      <p className="state-title">{trouble.title}</p>
      {trouble.detail ? <p className="ink2">{trouble.detail}</p> : null}
      {trouble.fields?.map((field) => (
        <p key={field.name + field.message} className="ink2"><code>{field.name}</code> {field.message}</p>
      ))}
      {trouble.remedy ? <p>{trouble.remedy}</p> : null}
      <div className="row wrap">
        {again ? <Button onClick={again}>{words.error.again}</Button> : null}
        {trouble.requestId ? (
          <span className="small ink3">{words.error.request} <IdChip id={trouble.requestId} label="request id" /></span>
        ) : null}
      </div>
    </div>
  );
}
