import type { Server } from "./server";
import type * as types from "./types";

// Most shapes are the generated ones. Those that pages still say themselves, because the server describes their words, pairs or
// maps more loosely than they are, are checked here against what it says it answers: the build fails where one no longer fits.
// Nothing here exists at run time.

// Words that mean one of a few are plain text in a generated answer, so they are compared as such.
type Loose<T> = T extends string ? string : T extends (infer Each)[] ? Loose<Each>[] : T extends object ? { [Key in keyof T]: Loose<T[Key]> } : T;
type Fits<Mine, Theirs extends Loose<Mine>> = [Mine, Theirs];

export type Contract = [
  Fits<types.Certificate, Server["IdentityCertificateView"]>, Fits<types.Session, Server["BrokerSessionInfo"]>,
  Fits<types.Checkpoint, Server["ProofCheckpointJSON"]>, Fits<types.Verification, Server["ProofVerifyJSON"]>, Fits<types.SystemInfo, Server["SystemFacts"]>,
  Fits<types.Identity, Server["IdentityFacts"]>, Fits<types.Event, Server["Event"]>, Fits<types.Rule, Server["DetectRuleView"]>,
];
