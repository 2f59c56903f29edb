import { Modal, Textarea, TextInput } from "@mantine/core";
import { useState, type FormEvent, type ReactNode } from "react";
import { Button } from "@/ui/parts/Button";
import { ErrorState, type Trouble } from "@/ui/parts/States";
import { words } from "@/words";
import "./overlay.css";

export interface Effect { when: string; what: ReactNode }

export interface Answer { choice: string; note: string }

export interface ConsequenceProps {
  title: string;
  subtitle?: ReactNode;
  /** effects come from the server where it computes them; otherwise from what the contract of the call says. */
  effects: readonly Effect[];
  /** choices are the reasons that the server knows; without them only free text is asked. */
  choices?: readonly { value: string; label: string }[];
  /** confirm is what has to be typed before the act can be pressed; absent for what can be undone. */
  confirm?: { what: string; text: string };
  note?: ReactNode;
  /** act is the verb on the button: "Revoke certificate", never OK. */
  act: string;
  danger?: boolean;
  pending: boolean;
  trouble?: Trouble | undefined;
  onClose: () => void;
  onAct: (answer: Answer) => void;
  children?: ReactNode;
}

/** ConsequenceDialog says what an act does before it is done, asks for the reason, and for the name when it is final. */
export function ConsequenceDialog(props: ConsequenceProps) {
  const [choice, setChoice] = useState(props.choices?.[0]?.value ?? "");
  const [note, setNote] = useState("");
  const [name, setName] = useState("");
  const named = props.confirm === undefined || name === props.confirm.text;
  const ready = named && note.trim() !== "" && !props.pending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) props.onAct({ choice, note: note.trim() });
  };
  return (
    <Modal opened onClose={props.onClose} size={560} padding={0} aria-label={props.title} closeOnClickOutside={false}>
      <form onSubmit={submit}>
        <div className="dialog-part">
          <h2 className="dialog-title">{props.title}</h2>
          {props.subtitle ? <p className="small ink2">{props.subtitle}</p> : null}
        </div>
        <div className="dialog-part">
          <h3 className="dialog-head">{words.dialog.happens}</h3>
          <dl className="effects">
            {props.effects.map((effect, i) => <div key={i}><dt>{effect.when}</dt><dd>{effect.what}</dd></div>)}
          </dl>
          {props.children}
          <h3 className="dialog-head">{words.dialog.reason}</h3>
          {props.choices ? <Choices choices={props.choices} value={choice} onChange={setChoice} /> : null}
          <Textarea aria-label={words.dialog.reason} required autosize minRows={2} maxRows={5} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
          {props.confirm ? <Confirm {...props.confirm} value={name} onChange={setName} /> : null}
          {props.trouble ? <ErrorState trouble={props.trouble} /> : null}
        </div>
        <div className="dialog-foot">
          <span className="small ink2 grow">{props.note}</span>
          <Button onClick={props.onClose}>{words.dialog.cancel}</Button>
          <Button type="submit" kind={props.danger ? "danger" : "primary"} disabled={!ready}>{props.pending ? `${props.act}…` : props.act}</Button>
        </div>
      </form>
    </Modal>
  );
}

function Choices({ choices, value, onChange }: { choices: readonly { value: string; label: string }[]; value: string; onChange: (value: string) => void }) {
  return (
    <div className="choices" role="radiogroup" aria-label={words.dialog.reason}>
      {choices.map((choice) => (
        <label key={choice.value} className={choice.value === value ? "choice choice-on" : "choice"}>
          <input type="radio" name="reason" className="hidden" value={choice.value} checked={choice.value === value} onChange={() => onChange(choice.value)} />
          {choice.label}
        </label>
      ))}
    </div>
  );
}

function Confirm({ what, text, value, onChange }: { what: string; text: string; value: string; onChange: (value: string) => void }) {
  return (
    <>
      <h3 className="dialog-head" id="confirm-name">{words.dialog.type(what)}</h3>
      <div className="confirm">
        <TextInput aria-labelledby="confirm-name" aria-describedby="confirm-text" classNames={{ input: "mono" }} value={value} autoComplete="off" spellCheck={false}
          onChange={(event) => onChange(event.currentTarget.value)} />
        <span id="confirm-text" className="small ink3">Type <code>{text}</code></span>
      </div>
    </>
  );
}
