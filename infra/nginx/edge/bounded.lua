-- A map of bounded size in two generations: what was used since the last change of generations stays.
--
-- New and used entries are in the young one. When that has half of the budget it becomes the old one,
-- and what was in the old one and not used meanwhile is gone. Every call takes constant time.
local bounded = {}
bounded.__index = bounded

-- Returns an empty map. budget: the bytes that all entries may have together, as told to set().
function bounded.new(budget)
    return setmetatable({half = budget / 2, bytes = 0, young = {}, sizes = {}, old = {},
        old_sizes = {}}, bounded)
end

-- Returns the value of a key, or nil.
function bounded:get(key)
    local value = self.young[key]
    if value ~= nil then return value end
    value = self.old[key]
    if value == nil then return nil end
    self:set(key, value, self.old_sizes[key])
    return value
end

-- Keeps a value of this many bytes; one that is larger than half of the budget is not kept.
function bounded:set(key, value, bytes)
    self:remove(key)
    if bytes > self.half then return end
    if self.bytes + bytes > self.half then
        self.old, self.old_sizes = self.young, self.sizes
        self.young, self.sizes, self.bytes = {}, {}, 0
    end
    self.young[key], self.sizes[key] = value, bytes
    self.bytes = self.bytes + bytes
end

-- Forgets a key.
function bounded:remove(key)
    self.bytes = self.bytes - (self.sizes[key] or 0)
    self.young[key], self.sizes[key] = nil, nil
    self.old[key], self.old_sizes[key] = nil, nil
end

return bounded
