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
