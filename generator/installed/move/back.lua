local db = m[DB]
if db == nil then return end
if CMD == "UNLINK" then
  ARGV[1] = "DEL"
elseif CMD == "HSET" and #ARGV > 4 then
  ARGV[1] = "HMSET"
elseif CMD == "EXPIRE" or CMD == "PEXPIRE" or CMD == "EXPIREAT" or CMD == "PEXPIREAT" then
  ARGV = {ARGV[1], ARGV[2], ARGV[3]}
elseif CMD == "LMOVE" and ARGV[4]:upper() == "RIGHT" and ARGV[5]:upper() == "LEFT" then
  ARGV = {"RPOPLPUSH", ARGV[2], ARGV[3]}
elseif (CMD == "LPOP" or CMD == "RPOP") and #ARGV == 3 then
  for _ = 2, tonumber(ARGV[3]) do shake.call(db, {ARGV[1], ARGV[2]}) end
  ARGV = {ARGV[1], ARGV[2]}
elseif CMD == "SET" and #ARGV > 3 then
  local set, expire, keep = {"SET", ARGV[2], ARGV[3]}, nil, false
  local i = 4
  while i <= #ARGV do
    local flag = ARGV[i]:upper()
    if flag == "PXAT" then
      expire = {"PEXPIREAT", ARGV[2], ARGV[i + 1]}
      i = i + 1
    elseif flag == "KEEPTTL" then
      keep = true
    else
      set[#set + 1] = ARGV[i]
    end
    i = i + 1
  end
  if keep then
    set = {"EVAL", "redis.replicate_commands() local t = redis.call('PTTL', KEYS[1]) redis.call('SET', KEYS[1], ARGV[1]) if t > 0 then redis.call('PEXPIRE', KEYS[1], t) end", "1", ARGV[2], ARGV[3]}
  end
  if expire then
    shake.call(db, set)
    set = expire
  end
  ARGV = set
end
shake.call(db, ARGV)
