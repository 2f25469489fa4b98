import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import { ContainerRegistryManagementClient } from "@azure/arm-containerregistry";
import { ManagedServiceIdentityClient } from "@azure/arm-msi";
import { ClientAssertionCredential } from "@azure/identity";
import * as sim from "./simulator.mjs";

const fast = { updateIntervalInMs: 10 };
let msi, acr;
before(() => {
  msi = new ManagedServiceIdentityClient(sim.signIn(), sim.subscription, sim.clientOptions);
  acr = new ContainerRegistryManagementClient(sim.signIn(), sim.subscription, sim.clientOptions);
});
beforeEach(async () => {
  await sim.putFaults([]);
  await sim.patchState({ operation_ms: 20, retry_after_s: 0, page_size: null });
});
const all = async (pages) => {
  const found = [];
  for await (const entry of pages) found.push(entry);
  return found;
};

test("a workload signs in as the identity that trusts it", async () => {
  const made = await msi.userAssignedIdentities.createOrUpdate("net-rg", "ingress", { location: "eastus" });
  assert.equal(made.tenantId, sim.tenant);
  assert.equal((await msi.userAssignedIdentities.get("net-rg", "INGRESS")).clientId, made.clientId);
  const subject = "system:serviceaccount:openshift-ingress-operator:ingress-operator";
  const trust = { issuer: "https://oidc.example.com", subject, audiences: ["openshift"] };
  await msi.federatedIdentityCredentials.createOrUpdate("net-rg", "ingress", "one", trust);
  assert.deepEqual(
    (await all(msi.federatedIdentityCredentials.list("net-rg", "ingress"))).map((entry) => entry.subject),
    [subject],
  );
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: trust.issuer, sub: subject, aud: ["openshift"], nbf: now, exp: now + 600 };
  const signIn = (change = {}) =>
    new ClientAssertionCredential(
      sim.tenant,
      made.clientId,
      async () => sim.makeJwt({ ...claims, ...change }),
      sim.authority,
    ).getToken(sim.scope);

  const { token } = await signIn();

  assert.equal(sim.claimsOf(token).oid, made.principalId);
  await assert.rejects(signIn({ sub: "another" }), /AADSTS70021/);
  await msi.federatedIdentityCredentials.delete("net-rg", "ingress", "one");
  await assert.rejects(signIn(), /AADSTS70021/);
  await msi.userAssignedIdentities.delete("net-rg", "ingress");
  await assert.rejects(msi.userAssignedIdentities.get("net-rg", "ingress"), { statusCode: 404 });
});

test("a token of a registry gets its passwords", async () => {
  const registry = await acr.registries.beginCreateAndWait(
    "net-rg",
    "arosvc",
    { location: "eastus", sku: { name: "Premium" } },
    fast,
  );
  assert.equal(registry.loginServer, "arosvc.azurecr.io");
  const scopeMapId = `${registry.id}/scopeMaps/_repositories_pull`;
  const properties = { scopeMapId, status: "enabled" };
  const token = await acr.tokens.beginCreateAndWait("net-rg", "arosvc", "token-1", properties, fast);
  assert.equal(token.provisioningState, "Succeeded");
  const generate = (name) =>
    acr.registries.beginGenerateCredentialsAndWait("net-rg", "arosvc", { tokenId: token.id, name }, fast);

  const first = await generate("password1");
  const second = await generate("password2");

  assert.equal(first.username, "token-1");
  assert.deepEqual(first.passwords.map((entry) => entry.name), ["password1"]);
  assert.notEqual(first.passwords[0].value, second.passwords[0].value);
  const read = await acr.tokens.get("net-rg", "arosvc", "token-1");
  assert.deepEqual(read.credentials.passwords.map((entry) => [entry.name, entry.value]), [
    ["password1", undefined],
    ["password2", undefined],
  ]);
  assert.equal((await all(acr.scopeMaps.list("net-rg", "arosvc"))).length, 3);
  await acr.tokens.beginDeleteAndWait("net-rg", "arosvc", "token-1", fast);
  await assert.rejects(acr.tokens.get("net-rg", "arosvc", "token-1"), { statusCode: 404 });
  await acr.registries.beginDeleteAndWait("net-rg", "arosvc", fast);
});

test("a token without a scope map is refused", async () => {
  await acr.registries.beginCreateAndWait("net-rg", "other1", { location: "eastus", sku: { name: "Basic" } }, fast);
  const bad = acr.tokens.beginCreateAndWait("net-rg", "other1", "token-1", { scopeMapId: "/none" }, fast);
  await assert.rejects(bad, { statusCode: 400, code: "ScopeMapNotFound" });
});
