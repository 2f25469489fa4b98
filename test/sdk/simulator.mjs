// The running simulator (run.sh starts one for each test file) and short ways to its control interface.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClientSecretCredential } from "@azure/identity";

export const url = process.env.AZURE_URL;
export const tenant = "22222222-2222-2222-2222-222222222222";
export const application = "11111111-1111-1111-1111-111111111111";
export const subscription = "00000000-0000-0000-0000-000000000000";
export const scope = "https://management.azure.com/.default";
export const authority = { authorityHost: url, disableInstanceDiscovery: true };
export const network = `/subscriptions/${subscription}/resourceGroups/net-rg/providers/Microsoft.Network`;
export const clusterNetwork = network.replace("net-rg", "aro-cluster");

async function control(method, path, body) {
  const reply = await fetch(`${url}/_devcloud/${path}`, {
    method,
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
  return reply.json();
}

export const patchState = (patch) => control("PATCH", "state", patch);
export const readState = () => control("GET", "state");
export const putFaults = (faults) => control("PUT", "faults", faults);
export const readRequests = () => control("GET", "requests");

export function signIn(secret = process.env.AZURE_CLIENT_SECRET) {
  return new ClientSecretCredential(tenant, application, secret, authority);
}

export const clientOptions = { endpoint: url, credentialScopes: [scope] };

export function claimsOf(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
}

export function makeJwt(claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}.c2ln`;
}

// A self-signed certificate and its key, as PEM text.
export function makeCertificate() {
  const dir = mkdtempSync(join(tmpdir(), "sdk-"));
  try {
    const key = join(dir, "key.pem");
    const cert = join(dir, "cert.pem");
    const words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=app"];
    execFileSync("openssl", [...words, "-keyout", key, "-out", cert], { stdio: "ignore" });
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  } finally {
    rmSync(dir, { recursive: true });
  }
}
