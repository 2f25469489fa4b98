// Clusters as generic resources: Azure Resource Manager, and behind it the real frontend and backend of a development cloud,
// whose clusters exist in documents only (test/rp-scripted).
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, beforeEach, test } from "node:test";
import { ResourceManagementClient } from "@azure/arm-resources";
import * as sim from "./simulator.mjs";

const version = "2022-04-01";
const group = `/subscriptions/${sim.subscription}/resourceGroups/dev`;
const idOf = (name) => `${group}/providers/Microsoft.RedHatOpenShift/openShiftClusters/${name}`;
const subnet = (name) => `${group}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/${name}`;
const give = (name) => ({
  location: "eastus",
  tags: { made: "here" },
  properties: {
    clusterProfile: {
      domain: name,
      resourceGroupId: `/subscriptions/${sim.subscription}/resourceGroups/aro-${name}`,
      fipsValidatedModules: "Disabled",
    },
    servicePrincipalProfile: { clientId: randomUUID(), clientSecret: "secret" },
    networkProfile: { podCidr: "10.128.0.0/14", serviceCidr: "172.30.0.0/16" },
    masterProfile: { vmSize: "Standard_D8s_v3", subnetId: subnet("master"), encryptionAtHost: "Disabled" },
    workerProfiles: [
      {
        name: "worker",
        vmSize: "Standard_D2s_v3",
        diskSizeGB: 128,
        count: 3,
        subnetId: subnet("worker"),
        encryptionAtHost: "Disabled",
      },
    ],
    apiserverProfile: { visibility: "Public" },
    ingressProfiles: [{ name: "default", visibility: "Public" }],
  },
});

// The provider asks for ten seconds between looks; here nobody has that much time.
const asked = new Set();
const hurry = {
  name: "hurry",
  async sendRequest(request, next) {
    const response = await next(request);
    if (response.status < 300 && response.headers.has("retry-after")) {
      asked.add(response.headers.get("retry-after"));
      response.headers.delete("retry-after");
    }
    return response;
  },
};
const fast = { updateIntervalInMs: 50 };
const polls = "*/operationsstatus/*";
let resources;
before(() => {
  ({ resources } = new ResourceManagementClient(sim.signIn(), sim.subscription, {
    ...sim.clientOptions,
    additionalPolicies: [{ policy: hurry, position: "perRetry" }],
  }));
});
beforeEach(() => sim.putFaults([]));

const create = (name) => resources.beginCreateOrUpdateByIdAndWait(idOf(name), version, give(name), fast);
const remove = (name) => resources.beginDeleteByIdAndWait(idOf(name), version, fast);
const read = (name) => resources.getById(idOf(name), version);
const stateOf = async (name) => (await read(name)).properties.provisioningState;
const listed = async () => {
  const found = [];
  for await (const entry of resources.listByResourceGroup("dev")) found.push(entry.name);
  return found;
};
const seen = async (method, path) =>
  (await sim.readRequests()).filter((request) => request.method === method && request.path.includes(path));

test("a cluster lives and goes", async () => {
  const made = await create("whole");
  assert.equal(made.properties.provisioningState, "Succeeded");
  assert.match(made.properties.apiserverProfile.url, /^https:\/\/api\.whole/);
  assert.equal(made.properties.servicePrincipalProfile.clientSecret, undefined);
  assert.deepEqual((await read("whole")).properties, made.properties);
  assert.ok((await listed()).includes("whole"));

  const changed = await resources.beginUpdateByIdAndWait(idOf("whole"), version, { tags: { other: "tag" } }, fast);
  assert.equal(changed.properties.provisioningState, "Succeeded");
  assert.deepEqual(changed.tags, { other: "tag" });

  await remove("whole");
  await assert.rejects(read("whole"), { statusCode: 404, code: "ResourceNotFound" });
  assert.ok(!(await listed()).includes("whole"));
  await remove("whole"); // 204: nothing to wait for
  assert.deepEqual([...asked], ["10"]);
});

test("existence is asked by GET: the provider has no HEAD", async () => {
  await create("there");
  await assert.rejects(resources.checkExistenceById(idOf("there"), version), { statusCode: 405 });
  const elsewhere = idOf("there").replace("/dev/", "/nowhere/");
  assert.equal((await resources.checkExistenceById(elsewhere, version)).body, false);
  await remove("there");
});

test("an operation that fails tells the provider's error, and what is left can be deleted", async () => {
  await assert.rejects(create("fail-create"), /DeploymentFailed.*Deployment failed: the script of this cluster/s);
  assert.equal(await stateOf("fail-create"), "Failed");
  await assert.rejects(create("fail-create"), { statusCode: 400, code: "RequestNotAllowed" });
  await remove("fail-create");
  await assert.rejects(read("fail-create"), { statusCode: 404 });
});

test("a delete that fails tells why, and again", async () => {
  await create("fail-delete");
  for (let i = 0; i < 2; i++) await assert.rejects(remove("fail-delete"), /DeploymentFailed/);
  assert.equal(await stateOf("fail-delete"), "Failed");
});

test("nothing is changed while it is being created", async () => {
  const poller = await resources.beginCreateOrUpdateById(idOf("held"), version, give("held"), fast);
  await poller.poll();
  assert.equal(poller.isDone(), false);
  assert.equal(await stateOf("held"), "Creating");
  const refused = { statusCode: 400, code: "RequestNotAllowed", message: /provisioningState 'Creating'/ };
  await assert.rejects(remove("held"), refused);
  await assert.rejects(resources.beginUpdateById(idOf("held"), version, { tags: {} }, fast), refused);

  writeFileSync(join(process.env.CLOUD, "rp", "go"), "");

  assert.equal((await poller.pollUntilDone()).properties.provisioningState, "Succeeded");
  await remove("held");
});

test("another process goes on with polling", async () => {
  const poller = await resources.beginCreateOrUpdateById(idOf("resumed"), version, give("resumed"), fast);
  const resumeFrom = poller.toString();
  const again = await resources.beginCreateOrUpdateById(idOf("resumed"), version, {}, { ...fast, resumeFrom });
  assert.equal((await again.pollUntilDone()).properties.provisioningState, "Succeeded");
  assert.equal((await seen("PUT", "/resumed")).length, 1);
  await remove("resumed");
});

// Not here: half a reply. Whether the library asks again depends on how much of it arrived.
const troubles = {
  "throttled by Resource Manager": { status: 429, headers: { "retry-after-ms": "1" }, body: {} },
  "unanswered by a broken gateway": { status: 502, body: {} },
};
for (const [what, trouble] of Object.entries(troubles)) {
  test(`polls are repeated when they are ${what}`, async () => {
    await sim.putFaults([{ method: "GET", path: polls, times: 2, ...trouble }]);
    const before = (await seen("GET", "/operationsstatus/")).length;
    assert.equal((await create("troubled")).properties.provisioningState, "Succeeded");
    assert.ok((await seen("GET", "/operationsstatus/")).length >= before + 3);
    await remove("troubled");
  });
}
