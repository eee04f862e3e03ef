// Bundles the browser's part: app.js, charts.js, app.css, icons.svg, mark.svg (and the licences of what is bundled) into one directory.
//   node build.mjs [--out DIR]      default: ../src/yigongti/shell/static/dist

import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { out: { type: "string" } } });
const out = path.resolve(values.out ?? path.join(here, "../src/yigongti/shell/static/dist"));

/** One sprite of the icons named in icons.txt; each keeps Tabler's 24 × 24 outline drawing. */
async function sprite() {
  const names = (await readFile(path.join(here, "icons.txt"), "utf8"))
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter(Boolean);
  const folder = path.join(here, "node_modules/@tabler/icons/icons/outline");
  const symbols = await Promise.all(
    [...new Set(names)].sort().map(async (name) => {
      const drawing = await readFile(path.join(folder, `${name}.svg`), "utf8").catch(() => {
        throw new Error(`icons.txt: Tabler has no outline icon named “${name}”`);
      });
      const paths = drawing.replace(/<!--[\s\S]*?-->/g, "").match(/<svg[^>]*>([\s\S]*?)<\/svg>/)?.[1] ?? "";
      return `<symbol id="${name}" viewBox="0 0 24 24">${paths.replace(/\s*\n\s*/g, "")}</symbol>`;
    }),
  );
  await writeFile(path.join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await Promise.all([
  build({
    absWorkingDir: here,
    entryPoints: { app: "ts/app.ts", offline: "ts/offline/main.ts", "offline-worker": "ts/offline/worker.ts" },
    outdir: out,
    bundle: true,
    minify: true,
    format: "iife",
    target: ["chrome109", "firefox115", "safari15.6"],
    legalComments: "linked",
    logLevel: "warning",
  }),
  // Fetched only by pages that show a chart (ts/charts.ts imports it by its address).
  build({
    absWorkingDir: here,
    entryPoints: { charts: "ts/charts/main.ts" },
    outdir: out,
    bundle: true,
    minify: true,
    format: "esm",
    target: ["chrome109", "firefox115", "safari15.6"],
    legalComments: "linked",
    logLevel: "warning",
  }),
  build({
    absWorkingDir: here,
    entryPoints: { app: "css/app.css" },
    outdir: out,
    bundle: true,
    minify: true,
    target: ["chrome109", "firefox115", "safari15.6"],
    loader: { ".svg": "file" },
    assetNames: "[name]",
    legalComments: "linked",
    logLevel: "warning",
  }),
  sprite(),
  copyFile(path.join(here, "mark.svg"), path.join(out, "mark.svg")),
]);
