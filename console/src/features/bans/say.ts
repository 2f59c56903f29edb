import type { Ban } from "@/api/types";

/** targetText names who is banned, as people know it; a prefix of one address is that address. */
export function targetText(ban: Pick<Ban, "kind" | "target" | "name">): string {
  if (ban.kind !== "address") return ban.name || ban.target;
  return ban.target.replace(ban.target.includes(":") ? /\/128$/ : /\/32$/, "");
}

/** causeText says what the server saw where it placed the ban itself. */
export function causeText(ban: Pick<Ban, "cause">): string {
  return { flapping: "Flapping: ", handshakes: "Failed handshakes: " }[ban.cause] ?? "";
}
