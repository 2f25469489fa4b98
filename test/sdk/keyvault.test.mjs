import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import { SecretClient } from "@azure/keyvault-secrets";
import * as sim from "./simulator.mjs";

// The client refuses a vault whose name does not end in the resource of the challenge; this one is an address.
const options = { disableChallengeResourceVerification: true, retryOptions: { retryDelayInMs: 1 } };
let client;
before(() => {
  client = new SecretClient(sim.url, sim.signIn(), options);
});
beforeEach(async () => {
  await sim.putFaults([]);
  await sim.patchState({ page_size: null, vaults: null });
});
const fast = { intervalInMs: 10 };
const all = async (pages) => {
  const found = [];
  for await (const entry of pages) found.push(entry);
  return found;
};

test("a secret is set and read", async () => {
  const tags = { a: "b" };
  const set = await client.setSecret("rp-server", "first", { contentType: "text/plain", tags });
  const read = await client.getSecret("rp-server");

  assert.equal(read.value, "first");
  assert.equal(read.properties.version, set.properties.version);
  assert.equal(read.properties.contentType, "text/plain");
  assert.deepEqual({ ...read.properties.tags }, tags);
  assert.equal(read.properties.enabled, true);
  assert.ok(Math.abs(read.properties.createdOn - Date.now()) < 60000);
});

test("versions stay", async () => {
  await sim.patchState({ page_size: 2 });
  const versions = [];
  for (const value of ["one", "two", "three"])
    versions.push((await client.setSecret("key", value)).properties.version);

  const listed = await all(client.listPropertiesOfSecretVersions("key"));
  assert.deepEqual(listed.map((entry) => entry.version).sort(), [...versions].sort());
  assert.equal((await client.getSecret("key", { version: versions[0] })).value, "one");
  assert.equal((await client.getSecret("key")).value, "three");
});

test("a version can be disabled", async () => {
  const { properties } = await client.setSecret("key", "one");
  const changed = await client.updateSecretProperties("key", properties.version, { enabled: false });
  assert.equal(changed.enabled, false);
  await assert.rejects(client.getSecret("key"), { statusCode: 403, code: "Forbidden" });
});

test("names are listed", async () => {
  await client.setSecret("a", "1");
  await client.setSecret("b", "2");
  const listed = await all(client.listPropertiesOfSecrets());
  assert.deepEqual(listed.map((entry) => entry.name).sort(), ["a", "b"]);
});

test("what is not there is told so", async () => {
  await assert.rejects(client.getSecret("none"), { statusCode: 404, code: "SecretNotFound" });
  assert.deepEqual(await all(client.listPropertiesOfSecretVersions("none")), []);
});

test("a deleted secret keeps its name until it is purged or recovered", async () => {
  await client.setSecret("key", "one");
  const deletion = await client.beginDeleteSecret("key", fast);
  const deleted = await deletion.pollUntilDone();
  assert.ok(deleted.scheduledPurgeDate > deleted.deletedOn);
  await assert.rejects(client.setSecret("key", "two"), { statusCode: 409, code: "Conflict" });
  assert.deepEqual((await all(client.listDeletedSecrets())).map((entry) => entry.name), ["key"]);

  await (await client.beginRecoverDeletedSecret("key", fast)).pollUntilDone();
  assert.equal((await client.getSecret("key")).value, "one");

  await (await client.beginDeleteSecret("key", fast)).pollUntilDone();
  await client.purgeDeletedSecret("key");
  await client.setSecret("key", "two");
});

test("a busy vault is asked again", async () => {
  await client.setSecret("key", "one");
  await sim.putFaults([{ path: "/secrets/key*", times: 1, status: 429, headers: { "retry-after-ms": "1" }, body: {} }]);
  assert.equal((await client.getSecret("key")).value, "one");
});

test("a wrong secret of the application opens no vault", async () => {
  const credential = sim.signIn("wrong");
  const stranger = new SecretClient(sim.url, credential, options);
  await assert.rejects(stranger.getSecret("key"), /AADSTS7000215/);
});
