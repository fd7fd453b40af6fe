-- How many requests the edge has answered, and why it has left the others to an instance. Shared by the
-- workers of nginx, kept over a reload; /metrics/edge shows them to this machine.
local counts = {}

local HEAD = "# HELP minigram_edge_requests_total Requests at the edge, answered or left to an instance\n"
    .. "# TYPE minigram_edge_requests_total counter\n"

-- Counts one request. outcome: "hit", or why an instance answers.
function counts.add(outcome)
    ngx.shared.edge_counts:incr(outcome, 1, 0)
end

-- Answers with all counts, in the text format of Prometheus.
function counts.show()
    local lines, kept = {}, ngx.shared.edge_counts
    local outcomes = kept:get_keys(0)
    table.sort(outcomes)
    for i, outcome in ipairs(outcomes) do
        lines[i] = string.format('minigram_edge_requests_total{outcome="%s"} %d\n', outcome,
            kept:get(outcome))
    end
    ngx.header.content_type = "text/plain; version=0.0.4; charset=utf-8"
    ngx.print(HEAD, lines)
end

return counts
