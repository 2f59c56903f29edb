import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The console is a static bundle; `npm run dev` passes API calls to a server of
// your own whose address stands in THINGWARD_DEV_API.
const api = process.env["THINGWARD_DEV_API"] ?? "https://127.0.0.1:8443";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  server: { proxy: { "/api": { target: api, secure: false, changeOrigin: true } } },
  build: {
    target: "es2022",
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 800,
  },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"] },
} as Parameters<typeof defineConfig>[0]);
