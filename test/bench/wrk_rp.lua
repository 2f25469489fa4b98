-- What wrk asks of the resource provider. WHAT=get (default) repeats the request of the command line. WHAT=any asks for
-- another cluster each time, from bench$FIRST to bench$LAST, at random. WHAT=patch changes another one each time, in their
-- order, for one that was changed once is busy from then on.
-- Ends with lines: for each status of failure how often it came ("STATUS 409 3"), and "FIGURES": requests a second, the 99th
-- percentile in milliseconds, replies that were no success, replies.
local threads = {}
failures = "" -- of one thread

function setup(thread)
    table.insert(threads, thread)
    thread:set("index", #threads)
end

function init(args)
    local what = os.getenv("WHAT")
    if what ~= "any" and what ~= "patch" then
        return
    end
    local step = tonumber(os.getenv("THREADS"))
    local first = tonumber(os.getenv("FIRST"))
    local last = tonumber(os.getenv("LAST"))
    local before, after = wrk.path:match("^(.*)bench%d+(.*)$")
    if what == "any" then
        math.randomseed(index)
        request = function()
            return wrk.format("GET", before .. "bench" .. math.random(first, last) .. after)
        end
        return
    end
    local at = first + index - 1
    local headers = { ["Content-Type"] = "application/json" }
    request = function()
        local n = math.min(at, last)
        at = at + step
        return wrk.format("PATCH", before .. "bench" .. n .. after, headers, '{"tags":{"bench":"' .. n .. '"}}')
    end
end

if os.getenv("WHAT") == "patch" then -- wrk works less for whoever does not look at replies
    function response(status)
        if status >= 400 then
            failures = failures .. status .. " "
        end
    end
end

function done(summary, latency)
    local e = summary.errors
    local times = {}
    for _, thread in ipairs(threads) do
        for status in thread:get("failures"):gmatch("%d+") do
            times[status] = (times[status] or 0) + 1
        end
    end
    for status, n in pairs(times) do
        io.write(string.format("STATUS %s %d\n", status, n))
    end
    io.write(string.format("FIGURES %.0f %.1f %d %d\n", summary.requests / summary.duration * 1e6,
        latency:percentile(99) / 1000, e.connect + e.read + e.write + e.status + e.timeout, summary.requests))
end
