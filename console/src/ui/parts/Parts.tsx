import type { ReactNode } from "react";
import "./parts.css";

/** SectionHead names a section: title, what it holds, and what leads on. */
export function SectionHead({ title, note, children, level = 2 }: { title: ReactNode; note?: ReactNode; children?: ReactNode; level?: 2 | 3 }) {
  const Heading = level === 2 ? "h2" : "h3";
  return (
    <div className="sechead">
      <Heading>{title}</Heading>
      {note === undefined ? null : <span className="small ink3 trunc">{note}</span>}
      <span className="grow" />
      {children}
    </div>
  );
}

/** Figure is a number with its unit and what it counts; never alone. `lead` marks the one score of a page. */
export function Figure({ label, value, unit, caption, lead = false }: { label: ReactNode; value: ReactNode; unit?: ReactNode; caption?: ReactNode; lead?: boolean }) {
  return (
    <div className="figure">
      <div className="small ink2">{label}</div>
      <div className={lead ? "figure-lead" : "figure-value"}>
        {value}
        {unit === undefined ? null : <span className="figure-unit"> {unit}</span>}
      </div>
      {caption === undefined ? null : <div className="small ink3">{caption}</div>}
    </div>
  );
}

export type Fact = { label: string; value: ReactNode };

/** FactsLine is the row of facts under a title; two columns on a phone. */
export function FactsLine({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map((fact) => (
        <div key={fact.label}>
          <dt>{fact.label}</dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** DefinitionList sets labels beside values, one to a line. */
export function DefinitionList({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className="deflist">
      {facts.map((fact) => (
        <div key={fact.label}>
          <dt>{fact.label}</dt>
          <dd>{fact.value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Tag is a small edged word, such as a mapping key. */
export function Tag({ children }: { children: ReactNode }) {
  return <span className="tag mono">{children}</span>;
}

/** Key shows a key of the keyboard. */
export function Key({ children }: { children: ReactNode }) {
  return <kbd className="key">{children}</kbd>;
}

/** Notice says something that holds for the page, in words, with an edge of its tone. */
export function Notice({ tone = "plain", children }: { tone?: "plain" | "fail" | "stale"; children: ReactNode }) {
  return <div className={`notice notice-${tone}`}>{children}</div>;
}
