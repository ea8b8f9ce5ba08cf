/** Builds the page into colorizer/ui/lite, beside the model that `colorizer export` put there. */

import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";

import { defineConfig } from "vite";

const HERE = dirname(fileURLToPath(import.meta.url));
const WORDS = JSON.parse(readFileSync(join(HERE, "src/words.json"), "utf8"));
const LANGUAGES = join(HERE, "../colorizer/ui/languages");
const TOKENS = join(HERE, "../colorizer/ui/theme/tokens.json");
const OUT = process.env.LITE_OUT ?? join(HERE, "../colorizer/ui/lite");
const RUNTIME = join(HERE, "node_modules/onnxruntime-web");
// The usual runtime, and the one with WebGPU, fetched only by those who choose it.
const RUNTIMES = ["ort-wasm-simd-threaded", "ort-wasm-simd-threaded.jspi"];

/** Colours and type of the main page as CSS variables. */
function tokens() {
  const name = "virtual:tokens.css";
  const variables = (values) =>
    Object.entries(values)
      .map(([key, value]) => `--${key}: ${value};`)
      .join("\n");
  return {
    name: "tokens",
    resolveId: (id) => (id === name ? `\0${name}` : null),
    load(id) {
      if (id !== `\0${name}`) return null;
      this.addWatchFile(TOKENS);
      const { light, dark, fonts } = JSON.parse(readFileSync(TOKENS, "utf8"));
      const font = variables({ "font-body": fonts.body, "font-mono": fonts.mono });
      const scheme = `@media (prefers-color-scheme: dark) { :root { ${variables(dark)} } }`;
      return `:root { ${font} ${variables(light)} }\n${scheme}`;
    },
  };
}

/** Fills `data-text` and `data-label` of index.html with the words of those keys. */
function words() {
  const word = (key) => {
    if (!(key in WORDS)) throw new Error(`index.html names “${key}”, which words.json has not.`);
    return WORDS[key].replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  };
  return {
    name: "words",
    transformIndexHtml: (html) =>
      html
        .replace(/ data-text="([^"]*)"[^>]*>/g, (tag, key) => tag + word(key))
        .replace(/ data-label="([^"]*)"/g, (all, key) => `${all} aria-label="${word(key)}"`),
  };
}

/** Every text in a file of JSON. */
function texts(value) {
  if (typeof value === "string") return [value];
  return value && typeof value === "object" ? Object.values(value).flatMap(texts) : [];
}

/** The main page's translations of what this page says, each language in a file of its own. */
function languages() {
  const name = "virtual:languages";
  const known = readdirSync(LANGUAGES)
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .sort();
  return {
    name: "languages",
    resolveId: (id) => (id === name || id.startsWith(`${name}/`) ? `\0${id}` : null),
    load(id) {
      if (id === `\0${name}`) {
        const lines = known.map((key) => `${key}: () => import("${name}/${key}"),`);
        return `export const languages = {\n${lines.join("\n")}\n};`;
      }
      if (!id.startsWith(`\0${name}/`)) return null;
      const path = join(LANGUAGES, `${id.split("/").pop()}.json`);
      this.addWatchFile(path);
      const about = JSON.parse(readFileSync(join(OUT, "model/colorizer.json"), "utf8"));
      const said = new Set([...texts(WORDS), ...texts(about)]);
      const all = Object.entries(JSON.parse(readFileSync(path, "utf8")));
      return `export default ${JSON.stringify(Object.fromEntries(all.filter(([key]) => said.has(key))))}`;
    },
  };
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
}

/** Clears what an earlier build left, adds the runtime, and tells the service worker the files. */
function site() {
  return {
    name: "site",
    buildStart() {
      mkdirSync(OUT, { recursive: true });
      for (const entry of readdirSync(OUT)) {
        if (entry !== "model") rmSync(join(OUT, entry), { recursive: true });
      }
    },
    closeBundle() {
      mkdirSync(join(OUT, "ort"), { recursive: true });
      for (const name of RUNTIMES) {
        copyFileSync(join(RUNTIME, `dist/${name}.mjs`), join(OUT, `ort/${name}.mjs`));
        const wasm = gzipSync(readFileSync(join(RUNTIME, `dist/${name}.wasm`)), { level: 9 });
        wasm[9] = 255; // the operating system it was packed on is nobody's business
        writeFileSync(join(OUT, `ort/${name}.wasm.gz`), wasm);
      }
      const files = {};
      for (const path of filesBelow(OUT)) {
        if (path === "sw.js") continue;
        const data = readFileSync(join(OUT, path));
        // Of what is packed: the packed bytes are another zlib's in another release of Node.
        const contents = path.endsWith(".gz") ? gunzipSync(data) : data;
        const hash = createHash("sha256").update(contents).digest("hex");
        const large = /^(ort|model)\//.test(path) || path.includes("jspi");
        files[path] = { hash: hash.slice(0, 16), large };
      }
      const worker = readFileSync(join(OUT, "sw.js"), "utf8");
      const list = JSON.stringify(files);
      writeFileSync(join(OUT, "sw.js"), worker.replace(/JSON\.parse\([`'"]__FILES__[`'"]\)/, list));
    },
  };
}

export default defineConfig({
  root: HERE,
  base: "./",
  plugins: [tokens(), words(), languages(), site()],
  resolve: { conditions: ["onnxruntime-web-use-extern-wasm", "module", "browser", "import", "default"] },
  worker: { format: "es" },
  build: {
    outDir: OUT,
    emptyOutDir: false,
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { index: join(HERE, "index.html"), sw: join(HERE, "src/sw.ts") },
      output: {
        entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
        chunkFileNames: "assets/[name]-[hash].js",
      },
    },
  },
});
