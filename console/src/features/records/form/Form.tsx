import type { Body, Fault, FormField } from "@/api/records";
import { FieldInput } from "./FieldInput";
import { RowsInput } from "./RowsInput";
import { faultsAt } from "./paths";
import "@/ui/form/form.css";
import "./form.css";

interface Props { form: readonly FormField[]; body: Body; faults: readonly Fault[]; readOnly: boolean; onChange: (body: Body) => void }

/** Form is drawn from the definition of its kind; what the server finds wrong stands at its field. */
export function Form({ form, body, faults, readOnly, onChange }: Props) {
  return (
    <div className="recordform">
      {form.map((field) => {
        const change = (value: unknown) => onChange({ ...body, [field.name]: value });
        return field.type === "rows"
          ? <RowsInput key={field.name} field={field} path={field.name} value={body[field.name]} faults={faults} readOnly={readOnly} onChange={change} />
          : <FieldInput key={field.name} field={field} path={field.name} value={body[field.name]} faults={faultsAt(faults, field.name, true)} readOnly={readOnly} onChange={change} />;
      })}
    </div>
  );
}
