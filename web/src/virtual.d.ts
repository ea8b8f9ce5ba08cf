declare module "virtual:tokens.css";
declare module "virtual:languages" {
  /** Language → its translations, by English text. */
  export const languages: Record<
    string,
    (() => Promise<{ default: Record<string, string> }>) | undefined
  >;
}
