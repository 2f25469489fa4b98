// server.mjs FILE [CERTIFICATE KEY] - a server of Cosmos DB's REST interface on a free port of loopback, whose address is
// written to FILE; with a certificate, over TLS.
//
// @vercel/cosmosdb-server keeps the documents and answers the queries. In front of it stands what it lacks and the
// driver relies on (README.md): the signature of a request is computed anew and compared, triggers are run, a query in a
// partition sees that partition only, queries have a clock, documents expire, changes are fed.
//
// POST /faults {"kind": "lose" | "throttle" | "away", "times": N} makes the next N writes lose their answer after they
// were carried out, or not be carried out.
import crypto from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import https from "node:https";
import { createRequire } from "node:module";
import vm from "node:vm";

const { createHttpServer } = createRequire(import.meta.url)("@vercel/cosmosdb-server");
const KEY = Buffer.from(process.env.COSMOS_KEY, "base64");
const VERSION = "2018-12-31";

const containers = new Map(); // "dbs/D/colls/C" -> { partition: its member, ttl: of documents, written: Map of entries }
const triggers = new Map(); // container -> Map of name -> { body, triggerOperation }
let changes = 0; // of all documents, so far
let fault = { kind: "", times: 0 };

const listen = (server) =>
    new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));
const inner = await listen(createHttpServer());

function refuse(res, status, code, message) {
    res.writeHead(status, { "content-type": "application/json" });
    res.end(JSON.stringify({ code, message }));
}

// { type, link, container } of a path: an even number of segments names an item.
function resource(path) {
    const parts = path.split("/").filter(Boolean).map(decodeURIComponent);
    const isItem = parts.length % 2 === 0;
    return {
        type: parts[isItem ? parts.length - 2 : parts.length - 1],
        link: (isItem ? parts : parts.slice(0, -1)).join("/"),
        container: parts.slice(0, 4).join("/"),
        id: isItem ? parts.at(-1) : undefined,
    };
}

function isSigned(req, { type, link }) {
    const date = req.headers["x-ms-date"] ?? "";
    const text = `${req.method.toLowerCase()}\n${type}\n${link}\n${date.toLowerCase()}\n\n`;
    const signature = crypto.createHmac("sha256", KEY).update(text).digest("base64");
    return req.headers.authorization === encodeURIComponent(`type=master&ver=1.0&sig=${signature}`);
}

function runTrigger({ body }, document) {
    const request = { getBody: () => document, setBody: (changed) => (document = changed) };
    vm.runInNewContext(`${body}\ntrigger();`, { getContext: () => ({ getRequest: () => request }) });
    return document;
}

function runTriggers(req, container, document) {
    const names = (req.headers["x-ms-documentdb-pre-trigger-include"] ?? "").split(",").filter(Boolean);
    for (const name of names) {
        const trigger = triggers.get(container)?.get(name);
        const operation = req.method === "POST" ? "Create" : "Replace";
        if (!trigger || !["All", operation].includes(trigger.triggerOperation))
            throw new Error(`no trigger ${name} for ${operation}`);
        document = runTrigger(trigger, document);
    }
    return document;
}

// The clock is put in as a number; groups are made of what comes (answerGroups).
function simplify(query) {
    return query.replaceAll("GetCurrentTimestamp()", Date.now()).split(" GROUP BY ")[0];
}

// A query in one partition gets that as a condition.
function scope(req, container, original) {
    const body = { ...original, query: simplify(original.query) };
    const partition = req.headers["x-ms-documentdb-partitionkey"];
    if (!partition) return body;
    const member = containers.get(container).partition;
    const condition = `doc[${JSON.stringify(member)}] = ${JSON.stringify(JSON.parse(partition)[0])}`;
    const [head, where] = body.query.split(" WHERE ");
    req.headers["x-ms-documentdb-query-enablecrosspartition"] = "True";
    return { ...body, query: `${head} WHERE ${condition}${where ? ` AND (${where})` : ""}` };
}

function makeTrigger(res, container, body) {
    const known = triggers.get(container) ?? new Map();
    if (known.has(body.id)) return refuse(res, 409, "Conflict", "the trigger is there");
    triggers.set(container, known.set(body.id, body));
    res.writeHead(201, { "content-type": "application/json" });
    return res.end(JSON.stringify(body));
}

// Cosmos DB names key ranges by strings.
function mend(path, body) {
    if (!path.endsWith("/pkranges")) return body;
    const answer = JSON.parse(body);
    for (const range of answer.PartitionKeyRanges ?? []) range.id = String(range.id);
    return Buffer.from(JSON.stringify(answer));
}

// What was written, for the feed and for expiry.
function note(container, document) {
    const { partition, ttl, written } = containers.get(container);
    const lives = ttl === undefined ? 0 : (document.ttl ?? ttl);
    const expires = lives > 0 ? Date.now() + lives * 1000 : Infinity;
    const key = JSON.stringify([document[partition], document.id]);
    written.set(key, { change: ++changes, expires, document });
}

function ask(method, path, headers, text) {
    const sent = { ...headers };
    delete sent["content-length"];
    delete sent["transfer-encoding"];
    if (text) sent["content-length"] = Buffer.byteLength(text);
    return new Promise((resolve, reject) => {
        const request = http.request({ port: inner, host: "127.0.0.1", method, path, headers: sent }, (answer) => {
            const chunks = [];
            answer.on("data", (chunk) => chunks.push(chunk));
            answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) }));
        });
        request.on("error", reject);
        request.end(text);
    });
}

const entryOf = (req, { id }) => JSON.stringify([...JSON.parse(req.headers["x-ms-documentdb-partitionkey"]), id]);
const isWritten = (req, at) => containers.get(at.container)?.written.has(entryOf(req, at));

async function forward(req, res, at, text, { isWrite, isLost }) {
    const answer = await ask(req.method, req.url, req.headers, text);
    if (isWrite && [200, 201].includes(answer.status)) note(at.container, JSON.parse(answer.body));
    if (isWrite && answer.status === 204) containers.get(at.container).written.delete(entryOf(req, at));
    if (isLost) return req.socket.destroy();
    const body = mend(req.url, answer.body);
    const headers = { ...answer.headers, "content-length": body.length };
    delete headers["transfer-encoding"];
    delete headers.connection;
    if (answer.status === 204) delete headers["content-length"];
    res.writeHead(answer.status, headers);
    return res.end(answer.status === 204 ? undefined : body);
}

// What has expired is gone before anybody looks.
async function sweep(name) {
    for (const [key, entry] of containers.get(name)?.written ?? []) {
        if (entry.expires > Date.now()) continue;
        const [partition, id] = JSON.parse(key);
        containers.get(name).written.delete(key);
        const headers = { "x-ms-documentdb-partitionkey": JSON.stringify([partition]) };
        await ask("DELETE", `/${name}/docs/${encodeURIComponent(id)}`, headers);
    }
}

function feed(req, res, container) {
    const after = Number((req.headers["if-none-match"] ?? "0").replaceAll('"', ""));
    const entries = [...containers.get(container).written.values()]
        .filter(({ change }) => change > after)
        .sort((a, b) => a.change - b.change)
        .slice(0, Number(req.headers["x-ms-max-item-count"]));
    const last = entries.at(-1)?.change ?? after;
    res.writeHead(entries.length ? 200 : 304, { "content-type": "application/json", etag: `"${last}"` });
    const Documents = entries.map(({ document }) => document);
    return res.end(entries.length ? JSON.stringify({ Documents, _count: entries.length }) : undefined);
}

// 1 = the fault of the day has answered.
function isBroken(res, kind) {
    if (kind === "throttle") res.setHeader("x-ms-retry-after-ms", "1");
    if (kind === "throttle") refuse(res, 429, "429", "too many requests");
    if (kind === "away") refuse(res, 503, "ServiceUnavailable", "away");
    return ["throttle", "away"].includes(kind);
}

// Each group once, in pages.
async function answerGroups(req, res, text) {
    const from = Number(req.headers["x-ms-continuation"] ?? 0);
    const count = Number(req.headers["x-ms-max-item-count"]);
    delete req.headers["x-ms-continuation"];
    delete req.headers["x-ms-max-item-count"];
    const { Documents: all } = JSON.parse((await ask(req.method, req.url, req.headers, text)).body);
    const groups = [...new Map(all.map((group) => [JSON.stringify(group), group])).values()];
    const headers = { "content-type": "application/json" };
    if (from + count < groups.length) headers["x-ms-continuation"] = from + count;
    res.writeHead(200, headers);
    return res.end(JSON.stringify({ Documents: groups.slice(from, from + count) }));
}

async function handleDocs(req, res, at, original) {
    const isQuery = req.headers["x-ms-documentdb-isquery"] === "True";
    const isWrite = req.method !== "GET" && !isQuery;
    await sweep(at.container);
    if (req.headers["a-im"]) return feed(req, res, at.container);
    if (!req.headers["x-ms-documentdb-partitionkey"] && !req.headers["x-ms-documentdb-query-enablecrosspartition"])
        return refuse(res, 400, "BadRequest", "no partition");
    let body = original;
    if (isQuery) body = scope(req, at.container, body);
    if (isQuery && original.query.includes(" GROUP BY ")) return answerGroups(req, res, JSON.stringify(body));
    // The server within has an error of its own where there is none.
    if (req.method === "GET" && !isWritten(req, at)) return refuse(res, 404, "NotFound", "there is none");
    if (isWrite && body) body = runTriggers(req, at.container, body);
    const kind = isWrite && fault.times > 0 ? fault.kind : "";
    if (kind) fault.times--;
    if (isBroken(res, kind)) return undefined;
    return forward(req, res, at, body && JSON.stringify(body), { isWrite, isLost: kind === "lose" });
}

async function handle(req, res, text) {
    const at = resource(req.url);
    if (req.url === "/faults") {
        fault = JSON.parse(text);
        return res.end("{}");
    }
    if (req.headers["x-ms-version"] !== VERSION) return refuse(res, 400, "BadRequest", "x-ms-version");
    if (!isSigned(req, at)) return refuse(res, 401, "Unauthorized", "the signature is wrong");
    const body = text && JSON.parse(text);
    if (at.type === "docs") return handleDocs(req, res, at, body);
    if (req.method === "POST" && at.type === "triggers") return makeTrigger(res, at.container, body);
    if (req.method === "POST" && at.type === "colls" && !containers.has(`${at.link}/colls/${body.id}`)) {
        const partition = body.partitionKey.paths[0].slice(1);
        containers.set(`${at.link}/colls/${body.id}`, { partition, ttl: body.defaultTtl, written: new Map() });
    }
    return forward(req, res, at, text || undefined, { isWrite: false, isLost: false });
}

const [file, certificate, certificateKey] = process.argv.slice(2);
const serve = certificate
    ? (handler) =>
          https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(certificateKey) }, handler)
    : http.createServer;
const outer = serve((req, res) => {
    let text = "";
    req.setEncoding("utf8");
    req.on("data", (chunk) => (text += chunk));
    req.on("end", () => {
        handle(req, res, text).catch((error) => {
            console.error(error);
            refuse(res, 400, "BadRequest", error.message);
        });
    });
});
const port = await listen(outer);
fs.writeFileSync(`${file}.new`, `${certificate ? "https" : "http"}://127.0.0.1:${port}`);
fs.renameSync(`${file}.new`, file);
