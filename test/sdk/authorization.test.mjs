import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import { AuthorizationManagementClient } from "@azure/arm-authorization";
import * as sim from "./simulator.mjs";

const vnetKey = `${sim.network}/virtualNetworks/dev-vnet`.toLowerCase();
let client;
before(() => {
  client = new AuthorizationManagementClient(sim.signIn(), sim.subscription, sim.clientOptions);
});
beforeEach(async () => {
  await sim.putFaults([]);
  await sim.patchState({
    page_size: null,
    permissions: { [vnetKey]: null },
    applications: { [sim.application]: { permissions: null } },
  });
});

const ofVnet = () =>
  client.permissions.listForResource("net-rg", "Microsoft.Network", "", "virtualNetworks", "dev-vnet");
const ofSubnet = (name) =>
  client.permissions.listForResource("net-rg", "Microsoft.Network", "virtualNetworks/dev-vnet", "subnets", name);
const read = async (pages) => {
  const found = [];
  for await (const permission of pages) found.push(permission);
  return found;
};

test("the caller's permissions on a resource are listed", async () => {
  const everything = [{ actions: ["*"], notActions: [], dataActions: [], notDataActions: [] }];

  assert.deepEqual(await read(ofVnet()), everything);
  assert.deepEqual(await read(ofSubnet("master")), everything);
  assert.deepEqual(await read(client.permissions.listForResourceGroup("net-rg")), everything);
});

test("permissions come in pages", async () => {
  const actions = ["a/read", "a/write", "a/delete"];
  await sim.patchState({ page_size: 1, permissions: { [vnetKey]: actions.map((a) => ({ actions: [a] })) } });

  const found = await read(ofVnet());

  assert.deepEqual(found.flatMap((permission) => permission.actions), actions);
});

test("an application has permissions of its own", async () => {
  await sim.patchState({
    applications: { [sim.application]: { permissions: { default: [{ actions: [], notActions: ["*/write"] }] } } },
  });
  assert.deepEqual((await read(ofVnet()))[0].notActions, ["*/write"]);
});

test("an absent resource has none", async () => {
  await assert.rejects(read(ofSubnet("none")), (error) => {
    assert.equal(error.statusCode, 404);
    assert.equal(error.code, "ResourceNotFound");
    return true;
  });
});

test("a refusal keeps its code and message", async () => {
  const error = { code: "AuthorizationFailed", message: "The client does not have authorization." };
  await sim.putFaults([{ path: "*/permissions", status: 403, body: { error } }]);

  await assert.rejects(read(ofVnet()), { statusCode: 403, ...error });
});

const reader = `/subscriptions/${sim.subscription}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`;
const vnet = `${sim.network}/virtualNetworks/dev-vnet`;

test("roles are assigned, found and taken back", async () => {
  const name = "aaaaaaaa-0000-4000-8000-000000000001";
  const { objectId } = (await sim.readState()).applications[sim.application];
  const wanted = { roleDefinitionId: reader, principalId: objectId };

  const made = await client.roleAssignments.create(vnet, name, wanted);

  assert.equal(made.scope, vnet);
  const found = await read(client.roleAssignments.listForScope(vnet, { filter: "atScope()" }));
  assert.deepEqual(found.map((assignment) => assignment.name), [name]);
  await assert.rejects(client.roleAssignments.create(vnet, name.replace("1", "2"), wanted), {
    statusCode: 409,
    code: "RoleAssignmentExists",
  });
  await client.roleAssignments.delete(vnet, name);
  await assert.rejects(client.roleAssignments.get(vnet, name), { statusCode: 404 });
});

test("roles are found by their title", async () => {
  const found = await read(client.roleDefinitions.list(vnet, { filter: "roleName eq 'Reader'" }));
  assert.equal(found[0].id, reader);
  assert.equal((await client.roleDefinitions.getById(reader)).roleName, "Reader");
});
