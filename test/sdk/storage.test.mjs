import assert from "node:assert/strict";
import dns from "node:dns";
import { before, beforeEach, test } from "node:test";
import { StorageManagementClient } from "@azure/arm-storage";
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  AnonymousCredential,
  BlobServiceClient,
  SASProtocol,
  StorageSharedKeyCredential,
  generateAccountSASQueryParameters,
} from "@azure/storage-blob";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import * as sim from "./simulator.mjs";

// The client derives what it signs from the account's host, so that has to lead here.
const lookup = dns.lookup;
dns.lookup = (host, options, done) => lookup(host.endsWith(".blob.core.windows.net") ? "127.0.0.1" : host, options, done);

const account = "clusterabc12";
const parameters = { location: "eastus", kind: "StorageV2", sku: { name: "Standard_LRS" } };
const fast = { updateIntervalInMs: 10 };
const origin = new URL(sim.url);
const endpoint = `https://${account}.blob.core.windows.net:${origin.port}`;
const options = { retryOptions: { maxTries: 2, retryDelayInMs: 1, maxRetryDelayInMs: 2 } };
let arm;
before(() => {
  arm = new StorageManagementClient(sim.signIn(), sim.subscription, sim.clientOptions);
});
beforeEach(async () => {
  await sim.putFaults([]);
  await sim.patchState({ operation_ms: 20, retry_after_s: 0, page_size: null, role_delay_ms: null });
  await arm.storageAccounts.delete("net-rg", account);
});

const all = async (pages) => {
  const found = [];
  for await (const entry of pages) found.push(entry);
  return found;
};
const create = (extra = {}) =>
  arm.storageAccounts.beginCreateAndWait("net-rg", account, { ...parameters, ...extra }, fast);
async function signed() {
  await create();
  const { keys } = await arm.storageAccounts.listKeys("net-rg", account);
  const credential = new StorageSharedKeyCredential(account, keys[0].value);
  return { credential, service: new BlobServiceClient(endpoint, credential, options) };
}
const withSas = (token) => new BlobServiceClient(`${endpoint}?${token}`, new AnonymousCredential(), options);

test("an account is made, found, changed and deleted", async () => {
  const type = "Microsoft.Storage/storageAccounts";
  assert.equal((await arm.storageAccounts.checkNameAvailability({ name: account, type })).nameAvailable, true);
  const made = await create();
  assert.equal(made.provisioningState, "Succeeded");
  assert.equal(made.primaryEndpoints.blob, `https://${account}.blob.core.windows.net/`);
  assert.equal((await arm.storageAccounts.checkNameAvailability({ name: account, type })).reason, "AlreadyExists");
  const changed = await arm.storageAccounts.update("net-rg", account, { tags: { a: "b" }, allowSharedKeyAccess: false });
  assert.equal(changed.allowSharedKeyAccess, false);
  assert.equal(changed.tags.a, "b");
  assert.deepEqual((await all(arm.storageAccounts.list())).map((entry) => entry.name), [account]);
  assert.deepEqual((await all(arm.storageAccounts.listByResourceGroup("net-rg"))).length, 1);

  await arm.storageAccounts.delete("net-rg", account);

  await assert.rejects(arm.storageAccounts.getProperties("net-rg", account), {
    statusCode: 404,
    code: "ResourceNotFound",
  });
});

test("an account that is taken or ill-named is refused", async () => {
  await create();
  const elsewhere = arm.storageAccounts.beginCreateAndWait("aro-cluster", account, parameters, fast);
  await assert.rejects(elsewhere, { statusCode: 409, code: "StorageAccountAlreadyTaken" });
  const ill = arm.storageAccounts.beginCreateAndWait("net-rg", "Cluster", parameters, fast);
  await assert.rejects(ill, { statusCode: 400 });
});

test("keys are told and made anew", async () => {
  await create();
  const { keys } = await arm.storageAccounts.listKeys("net-rg", account);
  const again = await arm.storageAccounts.regenerateKey("net-rg", account, { keyName: "key1" });
  assert.notEqual(again.keys[0].value, keys[0].value);
  assert.equal(again.keys[1].value, keys[1].value);
});

test("containers are the same in management and data", async () => {
  const { service } = await signed();
  const made = await arm.blobContainers.create("net-rg", account, "aro", {});
  assert.equal(made.publicAccess, "None");
  await service.createContainer("ignition");
  assert.deepEqual((await all(service.listContainers())).map((entry) => entry.name), ["aro", "ignition"]);
  assert.deepEqual((await all(arm.blobContainers.list("net-rg", account))).map((e) => e.name).sort(), ["aro", "ignition"]);
  await arm.blobContainers.delete("net-rg", account, "aro");
  await assert.rejects(service.getContainerClient("aro").getProperties(), { statusCode: 404, code: "ContainerNotFound" });
  assert.equal(await service.getContainerClient("ignition").exists(), true);
});

test("a blob is written, read, listed and deleted with the account's key", async () => {
  const { service } = await signed();
  const { containerClient } = await service.createContainer("aro", { metadata: { owner: "me" } });
  const blob = containerClient.getBlockBlobClient("a folder/b&c.json");
  const put = await blob.upload('{"a":1}', 7, {
    blobHTTPHeaders: { blobContentType: "application/json", blobCacheControl: "no-store" },
    metadata: { k: "v" },
  });

  const properties = await blob.getProperties();
  assert.equal(properties.etag, put.etag);
  assert.equal(properties.contentLength, 7);
  assert.equal(properties.contentType, "application/json");
  assert.equal(properties.metadata.k, "v");
  assert.equal((await blob.downloadToBuffer()).toString(), '{"a":1}');
  assert.equal((await blob.downloadToBuffer(2, 3)).toString(), 'a":');
  const [listed] = await all(containerClient.listBlobsFlat({ includeMetadata: true }));
  assert.equal(listed.name, "a folder/b&c.json");
  assert.equal(listed.metadata.k, "v");
  const [prefix] = await all(containerClient.listBlobsByHierarchy("/"));
  assert.equal(prefix.kind, "prefix");
  assert.equal((await containerClient.getProperties()).metadata.owner, "me");
  await blob.delete();
  await assert.rejects(blob.download(), { statusCode: 404, code: "BlobNotFound" });
  assert.equal(await blob.exists(), false);
});

test("large blobs are sent in blocks", async () => {
  const { service } = await signed();
  const { containerClient } = await service.createContainer("aro");
  const blob = containerClient.getBlockBlobClient("graph");
  const bytes = Buffer.alloc(3 << 20, "0123456789abcdef");

  await blob.uploadData(bytes, { maxSingleShotSize: 1 << 20, blockSize: 1 << 20 });

  assert.ok((await blob.downloadToBuffer()).equals(bytes));
  assert.equal((await blob.getBlockList("committed")).committedBlocks.length, 3);
});

test("lists come in pages", async () => {
  const { service } = await signed();
  const { containerClient } = await service.createContainer("aro");
  for (const name of ["a", "b", "c"]) await containerClient.uploadBlockBlob(name, name, 1);
  const pages = await all(containerClient.listBlobsFlat().byPage({ maxPageSize: 2 }));
  assert.deepEqual(pages.map((page) => page.segment.blobItems.map((blob) => blob.name)), [["a", "b"], ["c"]]);
});

test("conditions are kept", async () => {
  const { service } = await signed();
  const { containerClient } = await service.createContainer("aro");
  const blob = containerClient.getBlockBlobClient("x");
  const { etag } = await blob.upload("1", 1, { conditions: { ifNoneMatch: "*" } });
  await assert.rejects(blob.upload("2", 1, { conditions: { ifNoneMatch: "*" } }), {
    statusCode: 409,
    code: "BlobAlreadyExists",
  });
  await blob.upload("2", 1, { conditions: { ifMatch: etag } });
  await assert.rejects(blob.upload("3", 1, { conditions: { ifMatch: etag } }), {
    statusCode: 412,
    code: "ConditionNotMet",
  });
  await assert.rejects(blob.delete({ conditions: { ifMatch: etag } }), { statusCode: 412 });
});

test("a signature that ARM made opens what it says", async () => {
  const { service } = await signed();
  await (await service.createContainer("ignition")).containerClient.uploadBlockBlob("bootstrap.ign", "{}", 2);
  const { accountSasToken } = await arm.storageAccounts.listAccountSAS("net-rg", account, {
    services: "b",
    resourceTypes: "o",
    permissions: "rl",
    protocols: "https",
    sharedAccessStartTime: new Date(Date.now() - 60000),
    sharedAccessExpiryTime: new Date(Date.now() + 60000),
  });
  const container = withSas(accountSasToken).getContainerClient("ignition");

  assert.equal((await container.getBlobClient("bootstrap.ign").downloadToBuffer()).toString(), "{}");
  const mismatch = { statusCode: 403, code: "AuthorizationPermissionMismatch" };
  await assert.rejects(container.getBlobClient("bootstrap.ign").delete(), mismatch);
  await assert.rejects(all(container.listBlobsFlat()), { statusCode: 403, code: "AuthorizationResourceTypeMismatch" });
});

test("a signature that the client made is the same to the service", async () => {
  const { credential, service } = await signed();
  await service.createContainer("aro");
  const make = (values) =>
    generateAccountSASQueryParameters(
      {
        expiresOn: new Date(Date.now() + 60000),
        permissions: AccountSASPermissions.parse("rwl"),
        protocol: SASProtocol.Https,
        resourceTypes: AccountSASResourceTypes.parse("sco").toString(),
        services: AccountSASServices.parse("b").toString(),
        ...values,
      },
      credential,
    ).toString();
  const blob = (token) => withSas(token).getContainerClient("aro").getBlockBlobClient("x");

  await blob(make({})).upload("1", 1);
  await assert.rejects(blob(make({ expiresOn: new Date(Date.now() - 1000) })).download(), {
    statusCode: 403,
    code: "AuthenticationFailed",
  });
  await assert.rejects(blob(make({ services: "q" })).download(), { code: "AuthorizationServiceMismatch" });
  await assert.rejects(blob(make({}).replace("sp=rwl", "sp=rwdl")).delete(), { code: "AuthenticationFailed" });
  await arm.storageAccounts.regenerateKey("net-rg", account, { keyName: "key1" });
  await assert.rejects(blob(make({})).download(), { code: "AuthenticationFailed" });
});

test("a wrong key is refused, and any key where keys are forbidden", async () => {
  const { service } = await signed();
  const wrong = new BlobServiceClient(endpoint, new StorageSharedKeyCredential(account, "d3Jvbmc="), options);
  await assert.rejects(wrong.createContainer("aro"), { statusCode: 403, code: "AuthenticationFailed" });
  await arm.storageAccounts.update("net-rg", account, { allowSharedKeyAccess: false });
  await assert.rejects(service.createContainer("aro"), { code: "KeyBasedAuthenticationNotPermitted" });
});

test("a token opens what a role of its principal covers", async () => {
  const { service } = await signed();
  await (await service.createContainer("aro")).containerClient.uploadBlockBlob("x", "1", 1);
  const mine = new BlobServiceClient(endpoint, sim.signIn(), options).getContainerClient("aro");
  await assert.rejects(mine.getBlobClient("x").download(), { code: "AuthorizationPermissionMismatch" });
  const { id } = await arm.storageAccounts.getProperties("net-rg", account);
  const roles = new AuthorizationManagementClient(sim.signIn(), sim.subscription, sim.clientOptions);

  await roles.roleAssignments.create(id, "00000000-0000-0000-0000-000000000001", {
    principalId: "33333333-3333-3333-3333-333333333333",
    roleDefinitionId: `/subscriptions/${sim.subscription}/providers/Microsoft.Authorization/roleDefinitions/ba92f5b4-2d11-453d-a403-e96b0029c9fe`,
  });

  assert.equal((await mine.getBlobClient("x").downloadToBuffer()).toString(), "1");
  await mine.uploadBlockBlob("y", "2", 1);
  await roles.roleAssignments.delete(id, "00000000-0000-0000-0000-000000000001");
});

test("what is public is read by anybody", async () => {
  const { service } = await signed();
  const { containerClient } = await service.createContainer("open", { access: "blob" });
  await containerClient.uploadBlockBlob("x", "1", 1);
  const stranger = new BlobServiceClient(endpoint, new AnonymousCredential(), options).getContainerClient("open");
  assert.equal((await stranger.getBlobClient("x").downloadToBuffer()).toString(), "1");
  await assert.rejects(all(stranger.listBlobsFlat()), { statusCode: 401, code: "NoAuthenticationInformation" });
});

test("a busy service is asked again", async () => {
  const { service } = await signed();
  const fault = { host: "*.blob.*", times: 1, status: 503, headers: { "x-ms-error-code": "ServerBusy" }, body: "" };
  await sim.putFaults([fault]);
  await service.createContainer("aro");
});
