import type { ReactNode } from "react";
import { dayFromNow, localDay } from "@/ui/time/format";
import "./calendar.css";

export interface DayEntry { key: string; at: number; content: ReactNode }

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** monthDays lists the days that a month's calendar shows: whole weeks, from a Monday. */
export function monthDays(month: string): Date[] {
  const [year = 2000, number = 1] = month.split("-").map(Number);
  const first = new Date(year, number - 1, 1);
  const start = new Date(year, number - 1, 1 - ((first.getDay() + 6) % 7));
  const weeks = Math.ceil((((first.getDay() + 6) % 7) + new Date(year, number, 0).getDate()) / 7);
  return Array.from({ length: weeks * 7 }, (_, i) => new Date(start.getFullYear(), start.getMonth(), start.getDate() + i));
}

/** stepMonth is the month before or after. */
export function stepMonth(month: string, by: number): string {
  const [year = 2000, number = 1] = month.split("-").map(Number);
  const next = new Date(year, number - 1 + by, 1);
  return `${next.getFullYear()}-${String(next.getMonth() + 1).padStart(2, "0")}`;
}

/** Calendar shows a month as weeks; a phone shows only the days that hold something. */
export function Calendar({ month, entries, label, most = 4 }: { month: string; entries: readonly DayEntry[]; label: string; most?: number }) {
  const days = monthDays(month);
  const today = dayFromNow();
  const of = (day: Date) => entries.filter((entry) => localDay(entry.at) === localDay(day.getTime()));
  return (
    <table className="calendar" aria-label={label}>
      <thead><tr>{weekdays.map((day) => <th key={day} scope="col">{day}</th>)}</tr></thead>
      <tbody>
        {Array.from({ length: days.length / 7 }, (_, week) => (
          <tr key={week}>
            {days.slice(week * 7, week * 7 + 7).map((day) => {
              const held = of(day);
              const inside = localDay(day.getTime()).startsWith(month);
              return (
                <td key={day.getTime()} className={`${inside ? "" : "calendar-outside"} ${localDay(day.getTime()) === today ? "calendar-today" : ""} ${held.length === 0 ? "calendar-empty" : ""}`}>
                  <time dateTime={localDay(day.getTime())} className="calendar-day">{day.getDate()}<span className="calendar-word"> {day.toLocaleDateString("en-GB", { weekday: "short", month: "short" })}</span></time>
                  <ul>{held.slice(0, most).map((entry) => <li key={entry.key}>{entry.content}</li>)}</ul>
                  {held.length > most ? <span className="caption">{held.length - most} more</span> : null}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
