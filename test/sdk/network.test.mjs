import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import { NetworkManagementClient } from "@azure/arm-network";
import * as sim from "./simulator.mjs";

const fast = { updateIntervalInMs: 10 };
let client;
let original;
before(async () => {
  original = await sim.readState();
  client = new NetworkManagementClient(sim.signIn(), sim.subscription, sim.clientOptions);
});
beforeEach(async () => {
  await sim.putFaults([]);
  const stale = Object.keys((await sim.readState()).resources).filter((key) => !original.resources[key]);
  const resources = { ...original.resources };
  for (const key of stale) resources[key] = null;
  await sim.patchState({
    resources,
    operation_ms: 20,
    retry_after_s: 0,
    page_size: null,
    operation_error: null,
  });
});

const refusal =
  (statusCode, code, message = /./) =>
  (error) => {
    assert.equal(error.statusCode, statusCode);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
const ifMatch = (etag) => ({ ...fast, requestOptions: { customHeaders: { "If-Match": etag } } });
const listed = async (pages) => {
  const found = [];
  for await (const entry of pages) found.push(entry.name);
  return found.sort();
};

test("a network is read with its subnets", async () => {
  const vnet = await client.virtualNetworks.get("net-rg", "dev-vnet");

  assert.equal(vnet.id, `${sim.network}/virtualNetworks/dev-vnet`);
  assert.deepEqual(vnet.subnets.map((subnet) => subnet.name).sort(), ["master", "worker"]);
  assert.deepEqual(vnet.addressSpace.addressPrefixes, ["10.0.0.0/22"]);
});

test("a subnet is read", async () => {
  const subnet = await client.subnets.get("net-rg", "dev-vnet", "master");

  assert.equal(subnet.addressPrefix, "10.0.0.0/23");
  assert.equal(subnet.provisioningState, "Succeeded");
  assert.match(subnet.networkSecurityGroup.id, /aro-x7k2p-nsg$/);
  assert.match(subnet.etag, /^W\/".+"$/);
});

test("a subnet is edited by get, change and put with its etag", async () => {
  const subnet = await client.subnets.get("net-rg", "dev-vnet", "worker");
  subnet.networkSecurityGroup = { id: `${sim.network}/networkSecurityGroups/foreign-nsg` };

  const written = await client.subnets.beginCreateOrUpdateAndWait(
    "net-rg",
    "dev-vnet",
    "worker",
    subnet,
    ifMatch(subnet.etag),
  );

  assert.equal(written.provisioningState, "Succeeded");
  assert.match(written.networkSecurityGroup.id, /foreign-nsg$/);
  assert.notEqual(written.etag, subnet.etag);
  const nsg = await client.networkSecurityGroups.get("net-rg", "foreign-nsg");
  assert.deepEqual(
    nsg.subnets.map((user) => user.id),
    [subnet.id],
  );
});

test("a stale etag is refused", async () => {
  const subnet = await client.subnets.get("net-rg", "dev-vnet", "worker");
  await client.subnets.beginCreateOrUpdateAndWait("net-rg", "dev-vnet", "worker", subnet, fast);

  await assert.rejects(
    client.subnets.beginCreateOrUpdateAndWait("net-rg", "dev-vnet", "worker", subnet, ifMatch(subnet.etag)),
    refusal(412, "PreconditionFailed"),
  );
});

test("a write can be watched while it runs", async () => {
  await sim.patchState({ operation_ms: 3600000 });
  const subnet = await client.subnets.get("net-rg", "dev-vnet", "worker");

  const poller = await client.subnets.beginCreateOrUpdate("net-rg", "dev-vnet", "worker", subnet, fast);

  assert.equal(poller.getOperationState().status, "running");
  const during = await client.subnets.get("net-rg", "dev-vnet", "worker");
  assert.equal(during.provisioningState, "Updating");
});

test("a failed operation gives its code and message", async () => {
  await sim.patchState({ operation_error: { code: "RetryableError", message: "A retryable error occurred." } });
  const subnet = await client.subnets.get("net-rg", "dev-vnet", "worker");

  await assert.rejects(
    client.subnets.beginCreateOrUpdateAndWait("net-rg", "dev-vnet", "worker", subnet, fast),
    /RetryableError.*A retryable error occurred\./s,
  );
});

test("polls are repeated when they are throttled", async () => {
  const subnet = await client.subnets.get("net-rg", "dev-vnet", "worker");
  await sim.putFaults([
    { method: "GET", path: "*/operations/*", times: 2, status: 429, headers: { "retry-after-ms": "1" }, body: {} },
  ]);

  const written = await client.subnets.beginCreateOrUpdateAndWait("net-rg", "dev-vnet", "worker", subnet, fast);

  assert.equal(written.provisioningState, "Succeeded");
});

test("a throttled read is repeated", async () => {
  await sim.putFaults([
    { path: "*/subnets/*", times: 2, status: 429, headers: { "retry-after-ms": "1" }, body: {} },
  ]);

  const subnet = await client.subnets.get("net-rg", "dev-vnet", "worker");

  assert.equal(subnet.name, "worker");
});

const prefix = { addressPrefix: "10.0.2.0/23" };
const unfit = {
  "a missing security group": [
    { ...prefix, networkSecurityGroup: { id: `${sim.network}/networkSecurityGroups/none` } },
    "InvalidResourceReference",
    /^Resource .*networkSecurityGroups.* referenced by resource .* was not found/,
  ],
  "an address outside the network": [{ addressPrefix: "10.9.0.0/24" }, "NetcfgInvalidSubnet"],
  "an overlap": [{ addressPrefix: "10.0.1.0/24" }, "NetcfgSubnetRangesOverlap"],
};
for (const [what, [subnet, code, message]] of Object.entries(unfit)) {
  test(`a subnet with ${what} is refused`, async () => {
    await assert.rejects(
      client.subnets.beginCreateOrUpdateAndWait("net-rg", "dev-vnet", "worker", subnet, fast),
      refusal(400, code, message),
    );
  });
}

test("what is absent is not found", async () => {
  await assert.rejects(client.subnets.get("net-rg", "dev-vnet", "none"), refusal(404, "NotFound"));
  await assert.rejects(client.subnets.get("net-rg", "none", "x"), refusal(404, "ResourceNotFound"));
  await assert.rejects(
    client.networkSecurityGroups.get("net-rg", "none"),
    refusal(404, "ResourceNotFound", /under resource group 'net-rg' was not found/),
  );
  await assert.rejects(
    client.subnets.beginCreateOrUpdateAndWait("net-rg", "none", "x", prefix, fast),
    refusal(404, "ParentResourceNotFound"),
  );
});

test("a security group lives and goes", async () => {
  const rule = {
    name: "web",
    protocol: "Tcp",
    access: "Allow",
    direction: "Inbound",
    priority: 500,
    sourceAddressPrefix: "*",
    sourcePortRange: "*",
    destinationAddressPrefix: "*",
    destinationPortRange: "443",
  };
  const group = { location: "eastus", tags: { a: "b" }, securityRules: [rule] };

  const made = await client.networkSecurityGroups.beginCreateOrUpdateAndWait("net-rg", "new", group, fast);
  assert.equal(made.provisioningState, "Succeeded");
  assert.equal(made.securityRules[0].id, `${made.id}/securityRules/web`);
  assert.equal(made.defaultSecurityRules.length, 6);
  assert.deepEqual(made.tags, { a: "b" });
  assert.deepEqual(await listed(client.networkSecurityGroups.list("net-rg")), ["foreign-nsg", "new"]);

  await client.networkSecurityGroups.beginDeleteAndWait("net-rg", "new", fast);
  assert.deepEqual(await listed(client.networkSecurityGroups.list("net-rg")), ["foreign-nsg"]);
  await client.networkSecurityGroups.beginDeleteAndWait("net-rg", "new", fast);
});

test("a security group in use stays", async () => {
  await assert.rejects(
    client.networkSecurityGroups.beginDeleteAndWait("aro-cluster", "aro-x7k2p-nsg", fast),
    refusal(400, "InUseNetworkSecurityGroupCannotBeDeleted"),
  );
});

test("lists come in pages", async () => {
  await sim.patchState({ page_size: 1 });
  assert.equal((await listed(client.networkSecurityGroups.list("aro-cluster"))).length, 3);
  assert.equal((await listed(client.networkSecurityGroups.listAll())).length, 4);
  assert.deepEqual(await listed(client.subnets.list("net-rg", "dev-vnet")), ["master", "worker"]);
});

test("a network is written with its subnets, and loses those left out", async () => {
  const vnet = await client.virtualNetworks.get("net-rg", "dev-vnet");
  vnet.subnets = [vnet.subnets.find((subnet) => subnet.name === "worker")];

  const written = await client.virtualNetworks.beginCreateOrUpdateAndWait("net-rg", "dev-vnet", vnet, fast);

  assert.deepEqual(written.subnets.map((subnet) => subnet.name), ["worker"]);
  await assert.rejects(client.subnets.get("net-rg", "dev-vnet", "master"), refusal(404, "NotFound"));
});

test("a subnet in use stays, another goes", async () => {
  const key = `${sim.network}/virtualNetworks/dev-vnet/subnets/worker`.toLowerCase();
  await sim.patchState({ resources: { [key]: { properties: { ipConfigurations: [{ id: "/nic/ip" }] } } } });

  await assert.rejects(
    client.subnets.beginDeleteAndWait("net-rg", "dev-vnet", "worker", fast),
    refusal(400, "InUseSubnetCannotBeDeleted"),
  );
  await client.subnets.beginDeleteAndWait("net-rg", "dev-vnet", "master", fast);
  await assert.rejects(client.subnets.get("net-rg", "dev-vnet", "master"), refusal(404, "NotFound"));
});

test("tokens that are not ours are refused", async () => {
  const bearer = (token) => ({
    getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3600000 }),
  });
  const graph = await sim.signIn().getToken("https://graph.microsoft.com/.default");
  for (const token of ["garbage", sim.makeJwt({ aud: "https://management.azure.com" }), graph.token]) {
    const stranger = new NetworkManagementClient(bearer(token), sim.subscription, sim.clientOptions);
    await assert.rejects(
      stranger.subnets.get("net-rg", "dev-vnet", "master"),
      refusal(401, "InvalidAuthenticationToken"),
    );
  }
});

test("another subscription is not found", async () => {
  const other = new NetworkManagementClient(sim.signIn(), sim.tenant, sim.clientOptions);
  await assert.rejects(other.subnets.get("net-rg", "dev-vnet", "x"), refusal(404, "SubscriptionNotFound"));
});
