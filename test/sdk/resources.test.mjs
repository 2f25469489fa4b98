import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import { FeatureClient } from "@azure/arm-features";
import { ResourceManagementClient } from "@azure/arm-resources";
import { SubscriptionClient } from "@azure/arm-resources-subscriptions";
import * as sim from "./simulator.mjs";

const fast = { updateIntervalInMs: 10 };
let client;
before(() => {
  client = new ResourceManagementClient(sim.signIn(), sim.subscription, sim.clientOptions);
});
beforeEach(async () => {
  await sim.putFaults([]);
  await sim.patchState({ operation_ms: 20, retry_after_s: 0, page_size: null, registrations: null });
});
const all = async (pages) => {
  const found = [];
  for await (const entry of pages) found.push(entry);
  return found;
};

test("the tenant and its subscription are found", async () => {
  const subscriptions = new SubscriptionClient(sim.signIn(), sim.clientOptions);

  const [found] = await all(subscriptions.subscriptions.list());
  assert.equal(found.subscriptionId, sim.subscription);
  assert.equal(found.state, "Enabled");
  assert.equal((await subscriptions.subscriptions.get(sim.subscription)).displayName, found.displayName);
  assert.deepEqual((await all(subscriptions.tenants.list())).map((t) => t.tenantId), [sim.tenant]);
  const places = await all(subscriptions.subscriptions.listLocations(sim.subscription));
  assert.ok(places.some((place) => place.name === "eastus"));
  await assert.rejects(subscriptions.subscriptions.get("none"), { statusCode: 404, code: "SubscriptionNotFound" });
});

test("a group lives and goes with what it holds", async () => {
  const group = await client.resourceGroups.createOrUpdate("Mine", { location: "eastus", tags: { a: "b" } });
  assert.equal(group.properties.provisioningState, "Succeeded");
  assert.equal((await client.resourceGroups.checkExistence("mine")).body, true);
  const id = `${group.id}/providers/Microsoft.Network/networkSecurityGroups/n`;
  await client.resources.beginCreateOrUpdateByIdAndWait(id, "2020-08-01", { location: "eastus" }, fast);
  const inside = await all(client.resources.listByResourceGroup("mine"));
  assert.deepEqual(inside.map((entry) => entry.type), ["Microsoft.Network/networkSecurityGroups"]);
  const tagged = await all(client.resourceGroups.list({ filter: "tagName eq 'a' and tagValue eq 'b'" }));
  assert.deepEqual(tagged.map((entry) => entry.name), ["Mine"]);

  await client.resourceGroups.beginDeleteAndWait("mine", fast);

  assert.equal((await client.resourceGroups.checkExistence("mine")).body, false);
  await assert.rejects(client.resourceGroups.get("mine"), { statusCode: 404, code: "ResourceGroupNotFound" });
});

test("groups come in pages", async () => {
  await sim.patchState({ page_size: 1 });
  assert.deepEqual((await all(client.resourceGroups.list())).map((g) => g.name).sort(), ["aro-cluster", "dns", "net-rg", "rp"]);
});

test("providers and features are registered", async () => {
  const features = new FeatureClient(sim.signIn(), sim.subscription, sim.clientOptions);
  assert.equal((await client.providers.get("microsoft.network")).registrationState, "Registered");
  assert.equal((await client.providers.get("Microsoft.RedHatOpenShift")).registrationState, "NotRegistered");
  assert.equal((await client.providers.register("Microsoft.RedHatOpenShift")).registrationState, "Registering");
  await assert.rejects(client.providers.get("Microsoft.None"), { statusCode: 404 });

  const feature = await features.features.register("Microsoft.Compute", "EncryptionAtHost");
  assert.equal(feature.properties.state, "Registered");
  assert.equal(
    (await features.features.get("Microsoft.Compute", "EncryptionAtHost")).name,
    "Microsoft.Compute/EncryptionAtHost",
  );
});
