-- What wrk asks of the resource provider. WHAT=get (default) repeats the request of the command line. WHAT=patch changes
-- another cluster each time, from bench$FIRST to bench$LAST, for one that was changed once is busy from then on.
-- Ends with one line: requests a second, the 99th percentile in milliseconds, replies that were no success.
local threads = 0

function setup(thread)
    threads = threads + 1
    thread:set("index", threads)
end

function init(args)
    if os.getenv("WHAT") ~= "patch" then
        return
    end
    local step = tonumber(os.getenv("THREADS"))
    local at = tonumber(os.getenv("FIRST")) + index - 1
    local last = tonumber(os.getenv("LAST"))
    local headers = { ["Content-Type"] = "application/json" }
    local before, after = wrk.path:match("^(.*)bench0(.*)$")
    request = function()
        local n = math.min(at, last)
        at = at + step
        return wrk.format("PATCH", before .. "bench" .. n .. after, headers, '{"tags":{"bench":"' .. n .. '"}}')
    end
end

function done(summary, latency)
    local e = summary.errors
    io.write(string.format("FIGURES %.0f %.1f %d %d\n", summary.requests / summary.duration * 1e6,
        latency:percentile(99) / 1000, e.connect + e.read + e.write + e.status + e.timeout, summary.requests))
end
