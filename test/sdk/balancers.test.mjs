import assert from "node:assert/strict";
import { before, test } from "node:test";
import { NetworkManagementClient } from "@azure/arm-network";
import * as sim from "./simulator.mjs";

const fast = { updateIntervalInMs: 10 };
const group = "aro-cluster";
const subnet = (name) => ({ id: `${sim.network}/virtualNetworks/dev-vnet/subnets/${name}` });
const rpSubnet = `${sim.network.replace("net-rg", "rp")}/virtualNetworks/rp-pe-vnet-001/subnets/rp-pe-subnet`;
const balancerId = `${sim.clusterNetwork}/loadBalancers/internal`;
const balancer = {
  location: "eastus",
  sku: { name: "Standard" },
  frontendIPConfigurations: [{ name: "front", subnet: subnet("master") }],
  backendAddressPools: [{ name: "pool" }],
  probes: [{ name: "readyz", protocol: "Https", port: 6443, requestPath: "/readyz" }],
  loadBalancingRules: [
    {
      name: "api",
      frontendIPConfiguration: { id: `${balancerId}/frontendIPConfigurations/front` },
      backendAddressPool: { id: `${balancerId}/backendAddressPools/pool` },
      probe: { id: `${balancerId}/probes/readyz` },
      protocol: "Tcp",
      frontendPort: 6443,
      backendPort: 6443,
    },
  ],
};
let client;
before(async () => {
  await sim.patchState({ operation_ms: 20, retry_after_s: 0 });
  client = new NetworkManagementClient(sim.signIn(), sim.subscription, sim.clientOptions);
});
const refusal = (statusCode, code) => (error) => {
  assert.equal(error.statusCode, statusCode);
  assert.equal(error.code, code);
  return true;
};

test("an internal balancer gets an address, and its pool shows its members", async () => {
  const made = await client.loadBalancers.beginCreateOrUpdateAndWait(group, "internal", balancer, fast);
  assert.equal(made.frontendIPConfigurations[0].privateIPAddress, "10.0.0.4");
  assert.equal(made.probes[0].loadBalancingRules[0].id, made.loadBalancingRules[0].id);

  const nic = await client.networkInterfaces.beginCreateOrUpdateAndWait(
    group,
    "member",
    {
      location: "eastus",
      ipConfigurations: [
        { name: "ip", subnet: subnet("master"), loadBalancerBackendAddressPools: [made.backendAddressPools[0]] },
      ],
    },
    fast,
  );

  assert.equal(nic.ipConfigurations[0].privateIPAddress, "10.0.0.5");
  const [pool] = (await client.loadBalancers.get(group, "internal")).backendAddressPools;
  assert.equal(pool.backendIPConfigurations[0].id, nic.ipConfigurations[0].id);
  const again = await client.loadBalancers.get(group, "internal");
  await client.loadBalancers.beginCreateOrUpdateAndWait(group, "internal", again, fast);
});

test("a public address is given at once, and stays while it is used", async () => {
  const address = await client.publicIPAddresses.beginCreateOrUpdateAndWait(
    group,
    "pip",
    { location: "eastus", sku: { name: "Standard" }, publicIPAllocationMethod: "Static" },
    fast,
  );
  assert.match(address.ipAddress, /^127\./);
  const front = { location: "eastus", frontendIPConfigurations: [{ name: "out", publicIPAddress: { id: address.id } }] };
  await client.loadBalancers.beginCreateOrUpdateAndWait(group, "public", front, fast);

  await assert.rejects(
    client.publicIPAddresses.beginDeleteAndWait(group, "pip", fast),
    refusal(400, "PublicIPAddressCannotBeDeleted"),
  );
  await client.loadBalancers.beginDeleteAndWait(group, "public", fast);
  await client.publicIPAddresses.beginDeleteAndWait(group, "pip", fast);
});

test("a private endpoint is approved and has an address in its own network", async () => {
  const service = await client.privateLinkServices.beginCreateOrUpdateAndWait(
    group,
    "service",
    {
      location: "eastus",
      loadBalancerFrontendIpConfigurations: [{ id: `${balancerId}/frontendIPConfigurations/front` }],
      ipConfigurations: [{ name: "nat", subnet: subnet("master"), primary: true }],
      visibility: { subscriptions: [sim.subscription] },
      autoApproval: { subscriptions: [sim.subscription] },
    },
    fast,
  );
  await client.privateEndpoints.beginCreateOrUpdateAndWait(
    "rp",
    "rp-pe-1",
    {
      location: "eastus",
      subnet: { id: rpSubnet },
      manualPrivateLinkServiceConnections: [{ name: "rp-plsconnection", privateLinkServiceId: service.id }],
    },
    fast,
  );

  const endpoint = await client.privateEndpoints.get("rp", "rp-pe-1", { expand: "networkInterfaces" });

  assert.match(endpoint.networkInterfaces[0].ipConfigurations[0].privateIPAddress, /^127\.64\./);
  const [connection] = endpoint.manualPrivateLinkServiceConnections;
  assert.equal(connection.privateLinkServiceConnectionState.status, "Approved");
  const [seen] = (await client.privateLinkServices.get(group, "service")).privateEndpointConnections;
  assert.match(seen.linkIdentifier, /^\d+$/);
  await assert.rejects(
    client.loadBalancers.beginDeleteAndWait(group, "internal", fast),
    refusal(400, "CannotDeleteLoadBalancerWithPrivateLinkService"),
  );
  await client.privateEndpoints.beginDeleteAndWait("rp", "rp-pe-1", fast);
  await client.privateLinkServices.beginDeleteAndWait(group, "service", fast);
});

test("a route table and a NAT gateway know their subnets", async () => {
  const table = await client.routeTables.beginCreateOrUpdateAndWait(group, "routes", { location: "eastus" }, fast);
  const gateway = await client.natGateways.beginCreateOrUpdateAndWait(group, "nat", { location: "eastus" }, fast);
  const worker = await client.subnets.get("net-rg", "dev-vnet", "worker");
  await client.subnets.beginCreateOrUpdateAndWait(
    "net-rg",
    "dev-vnet",
    "worker",
    { ...worker, routeTable: { id: table.id }, natGateway: { id: gateway.id } },
    fast,
  );

  assert.equal((await client.routeTables.get(group, "routes")).subnets[0].id, worker.id);
  await assert.rejects(
    client.natGateways.beginDeleteAndWait(group, "nat", fast),
    refusal(400, "InUseNatGatewayCannotBeDeleted"),
  );
});
