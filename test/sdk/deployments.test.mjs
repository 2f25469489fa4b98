import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, beforeEach, test } from "node:test";
import { CosmosDBManagementClient } from "@azure/arm-cosmosdb";
import { ResourceManagementClient } from "@azure/arm-resources";
import { DeploymentsClient } from "@azure/arm-resourcesdeployments";
import * as sim from "./simulator.mjs";

const fast = { updateIntervalInMs: 10 };
const head = {
  $schema: "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  contentVersion: "1.0.0.0",
};
const nsg = (name, more) => ({
  type: "Microsoft.Network/networkSecurityGroups",
  apiVersion: "2020-08-01",
  name,
  location: "[resourceGroup().location]",
  properties: {},
  ...more,
});
let client;
let cosmos;
before(async () => {
  client = new DeploymentsClient(sim.signIn(), sim.subscription, sim.clientOptions);
  cosmos = new CosmosDBManagementClient(sim.signIn(), sim.subscription, sim.clientOptions);
  const groups = new ResourceManagementClient(sim.signIn(), sim.subscription, sim.clientOptions).resourceGroups;
  await groups.createOrUpdate("rp", { location: "eastus" });
});
beforeEach(() => sim.patchState({ operation_ms: 20, retry_after_s: 0, operation_error: null }));

const deploy = (name, template, more = {}) =>
  client.deployments.createOrUpdate("rp", name, { properties: { mode: "Incremental", template, ...more } }, fast);

test("the resource provider's database is deployed", async () => {
  const template = JSON.parse(readFileSync(new URL("../../deploy/rp.json", import.meta.url), "utf8"));
  const parameters = { location: { value: "eastus" }, databaseAccountName: { value: "acct" } };

  const done = await deploy("rp", template, { mode: "Complete", parameters });

  assert.equal(done.properties.provisioningState, "Succeeded");
  const account = await cosmos.databaseAccounts.get("rp", "acct");
  assert.equal(done.properties.outputs.documentEndpoint.value, account.documentEndpoint);
  assert.equal(account.consistencyPolicy.defaultConsistencyLevel, "Strong");
  const keys = await cosmos.databaseAccounts.listKeys("rp", "acct");
  assert.equal(Buffer.from(keys.primaryMasterKey, "base64").length, 64);
  const containers = [];
  for await (const found of cosmos.sqlResources.listSqlContainers("rp", "acct", "ARO")) containers.push(found);
  const clusters = containers.find((found) => found.name === "OpenShiftClusters");
  assert.deepEqual(clusters.resource.partitionKey.paths, ["/partitionKey"]);
  assert.equal(clusters.resource.uniqueKeyPolicy.uniqueKeys.length, 3);
  const renew = await cosmos.sqlResources.getSqlTrigger("rp", "acct", "ARO", "OpenShiftClusters", "renewLease");
  assert.equal(renew.resource.triggerType, "Pre");
  assert.match(renew.resource.body, /body\.leaseExpires = now \+ 60;/);
});

test("loops, order and outputs come out as the language says", async () => {
  const done = await deploy("loop", {
    ...head,
    resources: [
      nsg("[concat('n', copyIndex(1))]", { copy: { name: "loop", count: 2 } }),
      nsg("last", { dependsOn: ["loop"], tags: { of: "[reference('n1').provisioningState]" } }),
    ],
    outputs: { id: { type: "string", value: "[reference('last', '2020-08-01', 'Full').tags.of]" } },
  });

  assert.equal(done.properties.outputs.id.value, "Succeeded");
  assert.equal(done.properties.outputResources.length, 3);
});

test("a template that cannot be read is refused", async () => {
  const bad = { ...head, resources: [nsg("[nothing()]")] };
  await assert.rejects(deploy("bad", bad), { statusCode: 400, code: "InvalidTemplate" });
});

test("a failure names the operation that failed", async () => {
  const subnet = { type: "Microsoft.Network/virtualNetworks/subnets", apiVersion: "2020-08-01", name: "none/s" };
  await assert.rejects(deploy("fails", { ...head, resources: [{ ...subnet, properties: {} }] }), /DeploymentFailed/);

  const operations = [];
  for await (const found of client.deploymentOperations.list("rp", "fails")) operations.push(found);
  assert.equal(operations[0].properties.provisioningState, "Failed");
  assert.match(JSON.stringify(operations[0].properties.statusMessage), /ParentResourceNotFound/);
});

test("history is listed, checked and deleted", async () => {
  await deploy("old", { ...head, resources: [] });
  assert.equal((await client.deployments.get("rp", "old")).properties.provisioningState, "Succeeded");
  await client.deployments.delete("rp", "old", fast);
  await assert.rejects(client.deployments.get("rp", "old"), { statusCode: 404, code: "DeploymentNotFound" });
});
