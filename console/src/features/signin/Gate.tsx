import { useEffect, type ReactNode } from "react";
import { Logo } from "@/ui/parts/Icon";
import { words } from "@/words";
import "@mantine/core/styles/PasswordInput.css";
import "@mantine/core/styles/ActionIcon.css";
import "./signin.css";

/** Gate is the plain page before anyone is signed in. */
export function Gate({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => { document.title = `${title}, ${words.product}`; }, [title]);
  return (
    <main className="gate" id="page">
      <div className="gate-brand"><Logo /> {words.product}</div>
      <h1>{title}</h1>
      {children}
    </main>
  );
}
