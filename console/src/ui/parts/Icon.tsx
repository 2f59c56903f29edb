import type { ReactNode } from "react";

const drawings = {
  overview: <path d="M2.5 2.5h4v5h-4zM9.5 2.5h4v3h-4zM9.5 8.5h4v5h-4zM2.5 10.5h4v3h-4z" />,
  device: <><rect x="4" y="4" width="8" height="8" rx="1" /><rect x="6.5" y="6.5" width="3" height="3" /><path d="M6 4V2M10 4V2M6 14v-2M10 14v-2M4 6H2M4 10H2M14 6h-2M14 10h-2" /></>,
  layers: <path d="m8 2 6 3-6 3-6-3ZM2.5 8 8 10.8 13.5 8M2.5 11 8 13.8 13.5 11" />,
  bell: <path d="M4 11V7a4 4 0 0 1 8 0v4l1.2 1.5H2.8ZM6.6 14h2.8" />,
  siren: <path d="M4.5 11V8a3.5 3.5 0 0 1 7 0v3M2.5 13.5h11M3.5 11h9v2.5h-9zM8 1v1.3M3 3l.9.9M13 3l-.9.9" />,
  pulse: <path d="M1.5 8h3l2-5 3 10 2-5h3" />,
  controls: <path d="M12.5 7V3.5a1 1 0 0 0-1-1h-7a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h3M6 5.5h4M6 8h2M9.5 12l1.5 1.5 3-3" />,
  flag: <path d="M3.5 14V2.5M3.5 3c3-1.5 5 1.5 9 0v6c-4 1.5-6-1.5-9 0" />,
  log: <><circle cx="8" cy="3.5" r="1.5" /><circle cx="3.5" cy="12" r="1.5" /><circle cx="8" cy="12" r="1.5" /><circle cx="12.5" cy="12" r="1.5" /><path d="M8 5v5.5M7 5 4.3 10.7M9 5l2.7 5.7" /></>,
  certificate: <path d="M13.5 8V3.5a1 1 0 0 0-1-1h-9a1 1 0 0 0-1 1v7a1 1 0 0 0 1 1H8M5 5.5h6M5 8h3M11.5 9a2 2 0 1 1 0 4 2 2 0 0 1 0-4ZM10.5 13v2l1-.6 1 .6v-2" />,
  uncertificate: <path d="M13.5 8V3.5a1 1 0 0 0-1-1h-6M2.5 4v6.5a1 1 0 0 0 1 1H8M5 8h2M1.5 1.5l13 13M11.5 9a2 2 0 0 1 1.5 3.3" />,
  people: <><circle cx="6" cy="5" r="2.5" /><path d="M1.5 13.5c0-3 2-4.5 4.5-4.5s4.5 1.5 4.5 4.5M10.5 2.8a2.5 2.5 0 0 1 0 4.5M12.3 9.6c1.400.6 2.2 1.9 2.2 3.9" /></>,
  system: <path d="M2.5 2.5h11v4.5h-11zM2.5 9h11v4.5h-11zM5 4.8h.05M5 11.3h.05M8 4.8h3M8 11.3h3" />,
  framework: <path d="M2.5 3.5h3v3h-3zM2.5 9.5h3v3h-3zM8 5h5.5M8 11h5.5" />,
  update: <path d="M8 1.8 13.5 4.5v6L8 14.2 2.5 11V4.5ZM2.7 4.6 8 7.3l5.3-2.7M8 7.3v6.5" />,
  topology: <><circle cx="8" cy="8" r="2" /><circle cx="3" cy="3.5" r="1.3" /><circle cx="13" cy="3.5" r="1.3" /><circle cx="3" cy="12.5" r="1.3" /><circle cx="13" cy="12.5" r="1.3" /><path d="m4 4.4 2.6 2.2M12 4.4 9.4 6.6M4 11.6l2.6-2.2M12 11.6 9.4 9.4" /></>,
  records: <path d="M5 10.5V2.5h7.5v8M5 4.5H3v9h7.5v-3M7 5h3.5M7 7.5h3.5" />,
  risk: <path d="M2.5 2.5v11h11M5.5 9.5l2-3 2 1.5 3-4.5" />,
  engagement: <path d="M5.5 3.500h-2v10h9v-10h-2M5.5 2.500h5v2h-5zM5.800 9.200l1.600 1.600 3-3.200" />,
  review: <><circle cx="6" cy="5" r="2.500" /><path d="M1.500 13.500c0-3 2-4.500 4.500-4.500 1 0 1.900.2 2.600.7M9.800 12.300l1.500 1.500 3-3.200" /></>,
  upload: <path d="M8 10.500V3M4.800 6 8 2.800 11.200 6M2.500 11v2.500h11V11" />,
  file: <path d="M9.500 1.800H4v12.400h8.200V4.500ZM9.500 1.800v2.700h2.700" />,
  link: <path d="M6.800 9.200a2.500 2.500 0 0 0 3.500 0l2.200-2.200A2.500 2.500 0 0 0 9 3.500l-.8.8M9.200 6.800a2.500 2.500 0 0 0-3.500 0L3.500 9A2.500 2.500 0 0 0 7 12.500l.8-.8" />,
  calendar: <path d="M2.500 4h11v9.500h-11zM2.500 7h11M5.500 2.500V5M10.500 2.500V5" />,
  search: <><circle cx="7" cy="7" r="4.5" /><path d="m10.5 10.5 3.5 3.5" /></>,
  filter: <path d="M2 3h12L9.5 8.5v4l-3 1.5V8.5Z" />,
  clock: <><circle cx="8" cy="8" r="6" /><path d="M8 4.5V8l2.5 1.5" /></>,
  down: <path d="m4.5 6.5 3.5 3.5 3.5-3.5" />,
  up: <path d="m4.5 9.5 3.5-3.5 3.5 3.5" />,
  right: <path d="m6.5 4.5 3.5 3.5-3.5 3.5" />,
  back: <path d="M9.5 3.5 5 8l4.5 4.5" />,
  sortDown: <path d="M8 3v9.5M4.5 9 8 12.5 11.5 9" />,
  sortUp: <path d="M8 12.5V3M4.5 6.5 8 3l3.5 3.5" />,
  copy: <path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" />,
  check: <path d="m3 8.5 3.2 3.2L13 5" />,
  close: <path d="m4 4 8 8M12 4l-8 8" />,
  plus: <path d="M8 3v10M3 8h10" />,
  download: <path d="M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.5 11v2.5h11V11" />,
  more: <path d="M3 8h.05M8 8h.05M13 8h.05" strokeWidth="2.2" />,
  menu: <path d="M2 4h12M2 8h12M2 12h12" />,
  pause: <path d="M4 3h2.5v10H4zM9.5 3H12v10H9.5z" />,
  play: <path d="M4.5 2.8v10.4L13 8Z" />,
  shield: <path d="M8 1.5 13.5 3.5v4.3c0 3.2-2.3 5.5-5.5 6.7-3.2-1.2-5.5-3.5-5.5-6.7V3.5Z" />,
  leave: <path d="M6.5 2.5h-4v11h4M6 8h8M11 5l3 3-3 3" />,
  sun: <><circle cx="8" cy="8" r="2.8" /><path d="M8 1.5V3M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1" /></>,
  rows: <path d="M2 3.5h12M2 6.5h12M2 9.5h12M2 12.5h12" />,
  table: <path d="M2.5 3h11v10h-11zM2.5 6.5h11M7 6.5V13" />,
  question: <path d="M5.8 6a2.2 2.2 0 1 1 3.3 2c-.8.5-1.100.9-1.1 1.7M8 12.3v.05" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof drawings;

/** Icon draws one line icon; it never speaks, the word beside it does. */
export function Icon({ name, size = 15 }: { name: IconName; size?: number }) {
  return (
    <svg viewBox="0 0 16 16" width={size} height={size} fill="none" stroke="currentColor" strokeWidth="1.25" strokeLinecap="round"
      strokeLinejoin="round" aria-hidden style={{ flex: "none" }}>
      {drawings[name]}
    </svg>
  );
}

/** Logo is the shield with three ways that meet. */
export function Logo({ size = 18 }: { size?: number }) {
  return (
    <svg viewBox="0 0 24 24" width={size} height={size} fill="none" stroke="currentColor" strokeWidth="2" strokeLinejoin="round" strokeLinecap="round" aria-hidden>
      <path d="M12 2.5 20 5.5V12c0 4.6-3.3 8-8 9.5C7.3 20 4 16.6 4 12V5.5Z" />
      <path d="M12 8v4.5M12 12.5l-3.5 3M12 12.5l3.5 3" strokeWidth="1.7" />
    </svg>
  );
}
