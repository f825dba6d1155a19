-- Wakes Pellucid when a series or a study has settled. Plain Lua 5.3, nothing to install.
--
-- HOOK_SECRET and HOOK_URL come from Orthanc's environment; without both the hook is silent, and Pellucid notices by
-- polling. The call carries Orthanc's identifier and the event, no tag, and is signed:
--   X-Timestamp: seconds since the epoch
--   X-Signature: sha256=<hex of HMAC-SHA256(HOOK_SECRET, timestamp .. "." .. body)>
-- Orthanc serves nobody while a script waits: Pellucid answers at once, and HttpTimeout (2 s) bounds the rest.

-- FIPS 180-4: the first 32 bits of the fractional parts of the cube roots of the first 64 primes, and of the square
-- roots of the first 8.
local ROUND = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}
local START = {
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
}
local WORD = 0xffffffff
local BLOCK = 64

local function rotate(x, n)
  return ((x >> n) | (x << (32 - n))) & WORD
end

-- 32 raw bytes.
local function sha256(message)
  local state = table.pack(table.unpack(START))
  local padding = '\x80' .. string.rep('\0', (55 - #message) % BLOCK)
  local padded = message .. padding .. string.pack('>I8', #message * 8)
  for at = 1, #padded, BLOCK do
    local w = { string.unpack('>' .. string.rep('I4', 16), padded, at) }
    for i = 17, 64 do
      local near, far = w[i - 15], w[i - 2]
      local s0 = rotate(near, 7) ~ rotate(near, 18) ~ (near >> 3)
      local s1 = rotate(far, 17) ~ rotate(far, 19) ~ (far >> 10)
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) & WORD
    end
    local a, b, c, d, e, f, g, h = table.unpack(state, 1, 8)
    for i = 1, 64 do
      local choose = (e & f) ~ ((~e) & g)
      local major = (a & b) ~ (a & c) ~ (b & c)
      local t1 = h + (rotate(e, 6) ~ rotate(e, 11) ~ rotate(e, 25)) + choose + ROUND[i] + w[i]
      local t2 = (rotate(a, 2) ~ rotate(a, 13) ~ rotate(a, 22)) + major
      a, b, c, d, e, f, g, h = (t1 + t2) & WORD, a, b, c, (d + t1) & WORD, e, f, g
    end
    for i, added in ipairs({ a, b, c, d, e, f, g, h }) do
      state[i] = (state[i] + added) & WORD
    end
  end
  return string.pack('>' .. string.rep('I4', 8), table.unpack(state, 1, 8))
end

-- RFC 2104, in hexadecimal.
local function hmac(secret, message)
  local key = #secret > BLOCK and sha256(secret) or secret
  key = key .. string.rep('\0', BLOCK - #key)
  local function masked(byte)
    return (key:gsub('.', function(c) return string.char(c:byte() ~ byte) end))
  end
  local digest = sha256(masked(0x5c) .. sha256(masked(0x36) .. message))
  return (digest:gsub('.', function(c) return string.format('%02x', c:byte()) end))
end

local SECRET = os.getenv('HOOK_SECRET') or ''
local URL = os.getenv('HOOK_URL') or ''

local function wake(event, id)
  if SECRET == '' or URL == '' then return end
  local body = DumpJson({ version = 1, event = event, id = id })
  local timestamp = tostring(os.time())
  HttpPost(URL, body, {
    ['Content-Type'] = 'application/json',
    ['Expect'] = '',
    ['X-Timestamp'] = timestamp,
    ['X-Signature'] = 'sha256=' .. hmac(SECRET, timestamp .. '.' .. body),
  })
end

function OnStableSeries(id) wake('StableSeries', id) end
function OnStableStudy(id) wake('StableStudy', id) end
