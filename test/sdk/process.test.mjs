// azuresim as a process: its arguments, its files, its end.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import * as sim from "./simulator.mjs";

const program = join(process.env.BIN, "azuresim");
const dir = mkdtempSync(join(tmpdir(), "sdk-"));
after(() => rmSync(dir, { recursive: true }));
const run = (...words) => spawnSync(program, words, { encoding: "utf8", timeout: 20000 });

function appearance(path) {
  return new Promise((resolve) => {
    const watcher = watch(dir, look);
    function look() {
      if (!existsSync(path)) return;
      watcher.close();
      resolve();
    }
    look();
  });
}

test("a missing or unknown argument is refused", () => {
  assert.equal(run().status, 2);
  assert.match(run().stderr, /--dir is missing/);
  assert.equal(run("--what").status, 2);
  assert.equal(run("--help").status, 0);
});

test("a state that cannot be read is refused", () => {
  const state = join(dir, "state.json");
  for (const [text, why] of [
    ["{", /reading the state/],
    ["{}", /tenant/],
  ]) {
    writeFileSync(state, text);
    const { status, stderr } = run("--dir", dir, "--state", state);
    assert.equal(status, 1);
    assert.match(stderr, why);
  }
  assert.equal(run("--dir", dir, "--state", join(dir, "none")).status, 1);
});

test("it begins with a given state, tells where it is, and ends when asked to", async () => {
  const state = join(dir, "state.json");
  writeFileSync(state, JSON.stringify({ ...(await sim.readState()), location: "westeurope" }));
  const child = spawn(program, ["--dir", dir, "--state", state]);
  try {
    await appearance(join(dir, "url"));

    const port = new URL(readFileSync(join(dir, "url"), "utf8")).port;
    const lines = readFileSync(join(dir, "connect-to"), "utf8");
    assert.match(lines, new RegExp(`^management\\.azure\\.com:443 127\\.0\\.0\\.1:${port}$`, "m"));
    assert.match(readFileSync(join(dir, "ca.crt"), "utf8"), /BEGIN CERTIFICATE/);
  } finally {
    child.kill("SIGTERM");
  }
  const [code] = await once(child, "exit");
  assert.equal(code, 0);
});
