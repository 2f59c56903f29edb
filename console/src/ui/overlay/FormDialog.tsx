import { Modal } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { Button } from "@/ui/parts/Button";
import { ErrorState, type Trouble } from "@/ui/parts/States";
import { words } from "@/words";
import "./overlay.css";

export interface FormDialogProps {
  title: string;
  subtitle?: ReactNode;
  /** act is the verb on the button. */
  act: string;
  ready: boolean;
  pending: boolean;
  trouble?: Trouble | undefined;
  note?: ReactNode;
  size?: number;
  onClose: () => void;
  onAct: () => void;
  children: ReactNode;
}

/** FormDialog asks for what a new thing needs; what the server finds wrong is said above the button. */
export function FormDialog(props: FormDialogProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    if (props.ready && !props.pending) props.onAct();
  };
  return (
    <Modal opened onClose={props.onClose} size={props.size ?? 560} padding={0} aria-label={props.title} closeOnClickOutside={false}>
      <form onSubmit={submit} noValidate={false}>
        <div className="dialog-part">
          <h2 className="dialog-title">{props.title}</h2>
          {props.subtitle ? <p className="small ink2">{props.subtitle}</p> : null}
        </div>
        <div className="dialog-part form">
          {props.children}
          {props.trouble ? <ErrorState trouble={props.trouble} /> : null}
        </div>
        <div className="dialog-foot">
          <span className="small ink2 grow">{props.note}</span>
          <Button onClick={props.onClose}>{words.dialog.cancel}</Button>
          <Button type="submit" kind="primary" disabled={!props.ready || props.pending}>{props.pending ? `${props.act}…` : props.act}</Button>
        </div>
      </form>
    </Modal>
  );
}
