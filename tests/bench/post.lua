-- 999 users take turns, so that none reaches the limit of unfinished generations.
local n = 0
wrk.method = "POST"
wrk.body = '{"prompt":"on a balcony in the evening sun"}'
wrk.headers["Content-Type"] = "application/json"
function request()
  n = n % 999 + 1
  wrk.headers["Authorization"] = "Bearer ais_bench" .. n
  return wrk.format()
end
