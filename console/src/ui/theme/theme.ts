import { createTheme, type CSSVariablesResolver } from "@mantine/core";

/** theme gives Mantine's parts the console's type, radii and sizes; their colours come from tokens.css. */
export const theme = createTheme({
  fontFamily: "var(--sans)",
  fontFamilyMonospace: "var(--mono)",
  defaultRadius: "var(--r-control)",
  primaryColor: "blue",
  fontSizes: { xs: "11px", sm: "12px", md: "13px", lg: "17px", xl: "20px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "20px" },
  respectReducedMotion: true,
  focusRing: "never",
  components: {
    InputWrapper: { defaultProps: { withAsterisk: false } },
    TextInput: { defaultProps: { size: "sm" } },
    PasswordInput: { defaultProps: { size: "sm" } },
    Textarea: { defaultProps: { size: "sm" } },
    Modal: { defaultProps: { centered: true, withCloseButton: false, transitionProps: { duration: 120 } } },
    Menu: { defaultProps: { transitionProps: { duration: 80 }, shadow: "none", offset: 4 } },
    Popover: { defaultProps: { transitionProps: { duration: 80 }, shadow: "none", offset: 4 } },
  },
});

const shared = {
  "--mantine-color-body": "var(--bg)",
  "--mantine-color-text": "var(--ink)",
  "--mantine-color-dimmed": "var(--ink3)",
  "--mantine-color-placeholder": "var(--ink3)",
  "--mantine-color-anchor": "var(--accent)",
  "--mantine-color-default": "var(--bg)",
  "--mantine-color-default-hover": "var(--surface)",
  "--mantine-color-default-color": "var(--ink)",
  "--mantine-color-default-border": "var(--edge)",
  "--mantine-color-error": "var(--fail)",
  "--mantine-primary-color-filled": "var(--accent)",
  "--mantine-color-blue-filled": "var(--accent)",
};

/** resolver points Mantine's own colour variables at the tokens, the same in both themes. */
export const resolver: CSSVariablesResolver = () => ({ variables: {}, light: shared, dark: shared });
