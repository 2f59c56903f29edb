import { roleName } from "@/features/shell/roles";
import "./people.css";

/** RolePicker ticks the roles of an account. */
export function RolePicker({ roles, picked, onChange }: { roles: readonly string[]; picked: readonly string[]; onChange: (roles: string[]) => void }) {
  const toggle = (role: string) => onChange(picked.includes(role) ? picked.filter((each) => each !== role) : [...picked, role]);
  const all = [...new Set([...roles, ...picked])];
  return (
    <fieldset className="roles">
      <legend>Roles</legend>
      {all.map((role) => (
        <label key={role}><input type="checkbox" className="tick" checked={picked.includes(role)} onChange={() => toggle(role)} /> {roleName(role)}</label>
      ))}
    </fieldset>
  );
}
