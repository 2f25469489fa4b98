import assert from "node:assert/strict";
import { before, test } from "node:test";
import { ComputeManagementClient } from "@azure/arm-compute";
import { NetworkManagementClient } from "@azure/arm-network";
import * as sim from "./simulator.mjs";

const fast = { updateIntervalInMs: 10 };
const group = "aro-cluster";
let compute;
let network;
before(async () => {
  await sim.patchState({ operation_ms: 20, retry_after_s: 0 });
  compute = new ComputeManagementClient(sim.signIn(), sim.subscription, sim.clientOptions);
  network = new NetworkManagementClient(sim.signIn(), sim.subscription, sim.clientOptions);
});

const refusal = (statusCode, code) => (error) => {
  assert.equal(error.statusCode, statusCode);
  assert.equal(error.code, code);
  return true;
};
const makeNic = (name) =>
  network.networkInterfaces.beginCreateOrUpdateAndWait(
    group,
    name,
    {
      location: "eastus",
      ipConfigurations: [
        { name: "pipConfig", subnet: { id: `${sim.network}/virtualNetworks/dev-vnet/subnets/master` } },
      ],
    },
    fast,
  );
const machineOf = (nic, customData) => ({
  location: "eastus",
  hardwareProfile: { vmSize: "Standard_D8s_v3" },
  storageProfile: {
    imageReference: { publisher: "p", offer: "o", sku: "s", version: "1" },
    osDisk: {
      name: `${nic.name}_OSDisk`,
      createOption: "FromImage",
      diskSizeGB: 100,
      managedDisk: { storageAccountType: "Premium_LRS" },
    },
  },
  osProfile: { computerName: nic.name, adminUsername: "core", adminPassword: "NotActuallyApplied!", customData },
  networkProfile: { networkInterfaces: [{ id: nic.id }] },
});
const makeMachine = async (name) => {
  const nic = await makeNic(name);
  const machine = machineOf(nic, "aGVsbG8=");
  return compute.virtualMachines.beginCreateOrUpdateAndWait(group, name, machine, fast);
};
const powerOf = async (name) =>
  (await compute.virtualMachines.instanceView(group, name)).statuses.map((status) => status.code)[1];

test("a machine is made and read without its secrets", async () => {
  const made = await makeMachine("one");

  assert.equal(made.provisioningState, "Succeeded");
  assert.equal(made.osProfile.customData, undefined);
  assert.equal(made.osProfile.adminPassword, undefined);
  assert.match(made.vmId, /^[0-9a-f-]{36}$/);
  const nic = await network.networkInterfaces.get(group, "one");
  assert.equal(nic.virtualMachine.id, made.id);
  const viewed = await compute.virtualMachines.get(group, "one", { expand: "instanceView" });
  assert.equal(viewed.instanceView.statuses[1].code, "PowerState/running");
});

test("changed custom data is refused", async () => {
  const nic = await makeNic("fixed");
  await compute.virtualMachines.beginCreateOrUpdateAndWait(group, "fixed", machineOf(nic, "YQ=="), fast);

  await compute.virtualMachines.beginCreateOrUpdateAndWait(group, "fixed", machineOf(nic, "YQ=="), fast);
  await assert.rejects(
    compute.virtualMachines.beginCreateOrUpdateAndWait(group, "fixed", machineOf(nic, "Yg=="), fast),
    refusal(409, "PropertyChangeNotAllowed"),
  );
});

test("a machine is stopped, deallocated, started", async () => {
  await makeMachine("power");
  await compute.virtualMachines.beginPowerOffAndWait(group, "power", fast);
  assert.equal(await powerOf("power"), "PowerState/stopped");
  await compute.virtualMachines.beginDeallocateAndWait(group, "power", fast);
  assert.equal(await powerOf("power"), "PowerState/deallocated");
  await compute.virtualMachines.beginStartAndWait(group, "power", fast);
  assert.equal(await powerOf("power"), "PowerState/running");
  await compute.virtualMachines.beginRedeployAndWait(group, "power", fast);
});

test("the disk and the interface stay behind", async () => {
  await makeMachine("gone");
  await assert.rejects(compute.disks.beginDeleteAndWait(group, "gone_OSDisk", fast), refusal(409, "OperationNotAllowed"));
  await assert.rejects(network.networkInterfaces.beginDeleteAndWait(group, "gone", fast), refusal(400, "NicInUse"));

  await compute.virtualMachines.beginDeleteAndWait(group, "gone", fast);

  assert.equal((await compute.disks.get(group, "gone_OSDisk")).diskState, "Unattached");
  await compute.disks.beginDeleteAndWait(group, "gone_OSDisk", fast);
  await network.networkInterfaces.beginDeleteAndWait(group, "gone", fast);
  await assert.rejects(compute.virtualMachines.get(group, "gone"), refusal(404, "ResourceNotFound"));
});

test("a machine without capacity fails in its operation", async () => {
  await sim.patchState({ machine_failures: [{ name: "full", code: "ZonalAllocationFailed", message: "No room." }] });

  await assert.rejects(makeMachine("full"), /ZonalAllocationFailed.*No room\./s);

  assert.equal((await compute.virtualMachines.get(group, "full")).provisioningState, "Failed");
});

test("cores are counted, and limited", async () => {
  const usage = async () => {
    for await (const entry of compute.usage.list("eastus"))
      if (entry.name.value === "standardDSv3Family") return entry.currentValue;
    return undefined;
  };
  const used = await usage();
  await makeMachine("counted");
  assert.equal(await usage(), used + 8);

  await sim.patchState({ usages: { standardDSv3Family: { limit: used + 8 } } });
  await assert.rejects(makeMachine("beyond"), (error) => {
    assert.equal(error.code, "OperationNotAllowed");
    assert.match(error.message, /exceeding approved standardDSv3Family Cores quota/);
    return true;
  });
  await sim.patchState({ usages: null });
});

test("the serial console is behind a link", async () => {
  await makeMachine("talking");

  const links = await compute.virtualMachines.retrieveBootDiagnosticsData(group, "talking");

  assert.equal((await fetch(links.serialConsoleLogBlobUri)).status, 200);
  assert.equal((await fetch(links.serialConsoleLogBlobUri.replace(/sig=.*/, "sig=x"))).status, 403);
});

test("machines are listed", async () => {
  const names = [];
  for await (const machine of compute.virtualMachines.list(group)) names.push(machine.name);
  assert.ok(names.includes("one"));
});
