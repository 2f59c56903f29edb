import type { components } from "./generated/schema";

/** Server names the shapes of the server's answers, made from its own description of them. */
export type Server = components["schemas"];

/** Worded says of a shape what its description leaves as plain text: fields that hold one of a few words, or parts that do. */
export type Worded<Shape, Words extends { [Key in keyof Words]: Key extends keyof Shape ? unknown : never }> = Omit<Shape, keyof Words> & Words;
