import assert from "node:assert/strict";
import { before, test } from "node:test";
import { DnsManagementClient } from "@azure/arm-dns";
import { PrivateDnsManagementClient } from "@azure/arm-privatedns";
import * as sim from "./simulator.mjs";

const fast = { updateIntervalInMs: 10 };
const zone = ["dns", "aro.example"];
const link = { location: "global", virtualNetwork: { id: `${sim.network}/virtualNetworks/dev-vnet` } };
let dns;
let privateDns;
before(async () => {
  await sim.patchState({ operation_ms: 20, retry_after_s: 0 });
  dns = new DnsManagementClient(sim.signIn(), sim.subscription, sim.clientOptions);
  privateDns = new PrivateDnsManagementClient(sim.signIn(), sim.subscription, sim.clientOptions);
});

const refusal = (statusCode, code) => (error) => {
  assert.equal(error.statusCode, statusCode);
  assert.equal(error.code, code);
  return true;
};
const names = async (pages) => {
  const found = [];
  for await (const entry of pages) found.push(entry.name);
  return found.sort();
};

test("a name is reserved once, then pointed somewhere by who knows it", async () => {
  const reserved = { ttl: 300, metadata: { resourceId: "/mine" } };
  const first = await dns.recordSets.createOrUpdate(...zone, "api.c1", "A", reserved, { ifNoneMatch: "*" });
  assert.equal(first.fqdn, "api.c1.aro.example.");
  await assert.rejects(
    dns.recordSets.createOrUpdate(...zone, "api.c1", "A", reserved, { ifNoneMatch: "*" }),
    refusal(412, "PreconditionFailed"),
  );

  const full = { ...reserved, aRecords: [{ ipv4Address: "127.128.0.9" }] };
  const second = await dns.recordSets.createOrUpdate(...zone, "api.c1", "A", full, { ifMatch: first.etag });

  assert.deepEqual((await dns.recordSets.get(...zone, "api.c1", "A")).aRecords, full.aRecords);
  assert.deepEqual(second.metadata, reserved.metadata);
  await assert.rejects(
    dns.recordSets.delete(...zone, "api.c1", "A", { ifMatch: first.etag }),
    refusal(412, "PreconditionFailed"),
  );
  await dns.recordSets.delete(...zone, "api.c1", "A", { ifMatch: second.etag });
  await assert.rejects(dns.recordSets.get(...zone, "api.c1", "A"), refusal(404, "NotFound"));
});

test("a zone lists its record sets", async () => {
  await dns.recordSets.createOrUpdate(...zone, "*.apps.c2", "A", { ttl: 300 });
  await dns.recordSets.createOrUpdate(...zone, "www", "CNAME", { ttl: 60, cnameRecord: { cname: "x.example" } });

  assert.deepEqual(await names(dns.recordSets.listByType(...zone, "A")), ["*.apps.c2"]);
  assert.deepEqual(await names(dns.recordSets.listByDnsZone(...zone)), ["*.apps.c2", "www"]);
  assert.equal((await dns.recordSets.get(...zone, "www", "CNAME")).cnameRecord.cname, "x.example");
  assert.equal((await dns.zones.get(...zone)).nameServers.length, 4);
});

test("a zone is made and deleted", async () => {
  const made = await dns.zones.createOrUpdate("dns", "other.example", { location: "global" });
  assert.equal(made.location, "global");
  await dns.zones.beginDeleteAndWait("dns", "other.example", fast);
  await assert.rejects(dns.zones.get("dns", "other.example"), refusal(404, "ResourceNotFound"));
});

test("a private zone has records and links, and stays while it is linked", async () => {
  const place = ["aro-cluster", "c.example"];
  await privateDns.privateZones.beginCreateOrUpdateAndWait(...place, { location: "global" }, fast);
  const linked = await privateDns.virtualNetworkLinks.beginCreateOrUpdateAndWait(...place, "net", link, fast);
  assert.equal(linked.virtualNetworkLinkState, "Completed");
  const address = { ttl: 300, aRecords: [{ ipv4Address: "10.0.0.4" }] };
  const service = { ttl: 60, srvRecords: [{ priority: 10, weight: 10, port: 2380, target: "etcd-0.c.example" }] };
  await privateDns.recordSets.createOrUpdate(...place, "A", "api-int", address);
  await privateDns.recordSets.createOrUpdate(...place, "SRV", "_etcd-server-ssl._tcp", service);

  assert.deepEqual((await privateDns.recordSets.get(...place, "A", "api-int")).aRecords, address.aRecords);
  assert.deepEqual(await names(privateDns.recordSets.list(...place)), ["_etcd-server-ssl._tcp", "api-int"]);
  await assert.rejects(
    privateDns.privateZones.beginDeleteAndWait(...place, fast),
    refusal(409, "CannotDeleteResource"),
  );
  await privateDns.virtualNetworkLinks.beginDeleteAndWait(...place, "net", fast);
  await privateDns.privateZones.beginDeleteAndWait(...place, fast);
  await assert.rejects(privateDns.privateZones.get(...place), refusal(404, "ResourceNotFound"));
});
