namespace RemixProxy.Redis;

/// <summary>
/// The scripts: what has to happen in Redis in one step. Times are milliseconds of the callers' clocks, so that a test can set them. The clocks of replicas may
/// differ by a second without harm.
/// </summary>
/// <remarks>
/// A submission is a hash: <c>s</c> state, <c>r</c> last renewal by its holder, <c>f</c> fingerprint, <c>t</c> start, <c>g</c> caller gone, <c>w</c> answer
/// written, <c>d</c> the record. Its id is the fencing token. Each id has one holder; a process that takes a dead holder's place makes a new id and voids the
/// old one.
/// </remarks>
internal static class RedisScripts
{
    /// <summary>Returns the server's time and the name of its memory. Another name than before means that the server has lost its data.</summary>
    /// <remarks>KEYS: 1 the name. ARGV: 1 a name for a server that has none, 2 the name's life.</remarks>
    public const string Look =
        """
        local name = redis.call('GET', KEYS[1])
        if not name then
          name = ARGV[1]
          redis.call('SET', KEYS[1], name)
        end
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        local clock = redis.call('TIME')
        return {clock[1], clock[2], name}
        """;

    /// <summary>Returns what a key holds, which is a value of this process if it held nothing, and renews its life.</summary>
    /// <remarks>KEYS: 1 the key. ARGV: 1 the value for a key that holds none, 2 its life.</remarks>
    public const string Keep =
        """
        redis.call('SET', KEYS[1], ARGV[1], 'NX')
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        return redis.call('GET', KEYS[1])
        """;

    /// <summary>Grants a submit, or names the earlier submission that it repeats.</summary>
    /// <remarks>
    /// KEYS: 1 latest, 2 idempotency key (latest again where there is none), 3 the new submission.
    /// ARGV: 1 what submissions begin with, 2 id, 3 now, 4 fingerprint, 5 has a key, 6 is a retry, 7 no-cache, 8 record, 9 lease, 10 silence of the dead, 11
    /// repeat window, 12 life of keys, 13 life of the submission, 14 the server's time beyond which it is too late, where known.
    /// Returns {0}: granted, {1, id, state, gone, renewal, record}: repeats, {2}: the key belongs to another request, {3}: too late.
    /// </remarks>
    public const string Admit =
        """
        local now = tonumber(ARGV[3])
        local function find(pointer)
          local id = redis.call('GET', pointer)
          if not id then return nil end
          local v = redis.call('HMGET', ARGV[1] .. id, 's', 'r', 'f', 't', 'g', 'w')
          if not v[1] then return nil end
          return {
            id = id, state = tonumber(v[1]), silent = now - tonumber(v[2]), print = v[3], age = now - tonumber(v[4]),
            gone = v[5] == '1', unheard = v[6] == '0'
          }
        end
        -- The holder of a claim is dead: it has sent nothing, and from now on it can't.
        local function freed(e)
          if e.state ~= 0 or e.silent <= tonumber(ARGV[9]) then return false end
          redis.call('HSET', ARGV[1] .. e.id, 's', 3)
          return true
        end
        -- The caller gave this up long ago, and it is carried out only now.
        local clock = redis.call('TIME')
        if ARGV[14] ~= '' and clock[1] * 1000 + clock[2] / 1000 > tonumber(ARGV[14]) then return {3} end
        local function repeats(id)
          local v = redis.call('HMGET', ARGV[1] .. id, 's', 'g', 'r', 'd')
          return {1, id, v[1], v[2], v[3], v[4]}
        end
        if redis.call('EXISTS', KEYS[3]) == 1 then return repeats(ARGV[2]) end
        if ARGV[5] == '1' then
          local e = find(KEYS[2])
          if e and e.state ~= 3 and e.age <= tonumber(ARGV[12]) and not freed(e) then
            if e.print ~= ARGV[4] then return {2} end
            return repeats(e.id)
          end
        else
          local e = find(KEYS[1])
          if e and e.state ~= 3 and e.age <= tonumber(ARGV[11]) and not freed(e) then
            local dead = (e.state == 1 or (e.state == 2 and e.unheard)) and e.silent > tonumber(ARGV[10])
            if ARGV[6] == '1' or (ARGV[7] ~= '1' and (e.state == 4 or e.gone or dead)) then return repeats(e.id) end
          end
        end
        redis.call('HSET', KEYS[3], 's', 0, 'r', ARGV[3], 'f', ARGV[4], 't', ARGV[3], 'g', 0, 'w', 0, 'd', ARGV[8])
        redis.call('PEXPIRE', KEYS[3], ARGV[13])
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[11])
        if ARGV[5] == '1' then redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[12]) end
        return {0}
        """;

    /// <summary>Moves a submission on if its record is still as the caller saw it.</summary>
    /// <remarks>
    /// KEYS: 1 the submission. ARGV: 1 state seen, 2 gone seen, 3 new state, 4 new gone, 5 record, 6 now where the holder itself moves it, 7 new written, 8
    /// written seen. Returns 1: moved, 0: the record has changed or is gone.
    /// </remarks>
    public const string Move =
        """
        local v = redis.call('HMGET', KEYS[1], 's', 'g', 'w')
        if v[1] ~= ARGV[1] or v[2] ~= ARGV[2] or (v[3] or '0') ~= ARGV[8] then return 0 end
        redis.call('HSET', KEYS[1], 's', ARGV[3], 'g', ARGV[4], 'd', ARGV[5], 'w', ARGV[7])
        if ARGV[6] ~= '' then redis.call('HSET', KEYS[1], 'r', ARGV[6]) end
        return 1
        """;

    /// <summary>Writes a submission that Redis has lost, or never had.</summary>
    /// <remarks>
    /// KEYS: 1 latest, 2 idempotency key (latest again where there is none), 3 the submission. ARGV: 1 id, 2 state, 3 now, 4 fingerprint, 5 start, 6 gone, 7
    /// record, 8 has a key, 9 repeat window, 10 life of keys, 11 life of the submission, 12 written.
    /// Returns 1: written, 0: Redis has it already, 2: the idempotency key is bound to another submission by now.
    /// </remarks>
    public const string Restore =
        """
        if redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
        if ARGV[8] == '1' then
          local other = redis.call('GET', KEYS[2])
          if other and other ~= ARGV[1] then return 2 end
        end
        redis.call('HSET', KEYS[3], 's', ARGV[2], 'r', ARGV[3], 'f', ARGV[4], 't', ARGV[5], 'g', ARGV[6], 'w', ARGV[12], 'd', ARGV[7])
        redis.call('PEXPIRE', KEYS[3], ARGV[11])
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[9], 'NX')
        if ARGV[8] == '1' then redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[10]) end
        return 1
        """;

    /// <summary>Renews the holder's lease.</summary>
    /// <remarks>KEYS: 1 the submission. ARGV: 1 now. Returns 1, or 0 where the submission is missing.</remarks>
    public const string Renew =
        """
        local s = redis.call('HGET', KEYS[1], 's')
        if not s then return 0 end
        if s == '0' or s == '1' then redis.call('HSET', KEYS[1], 'r', ARGV[1]) end
        return 1
        """;

    /// <summary>Finds a cache entry, or the submission that is making it, or claims the entry.</summary>
    /// <remarks>
    /// KEYS: 1 entry, 2 flight. ARGV: 1 what submissions begin with, 2 id, 3 now, 4 lease, 5 silence of the dead, 6 life of a flight.
    /// Returns {0}: claimed, {1, video}, {2, id of the holder}.
    /// </remarks>
    public const string Claim =
        """
        local video = redis.call('GET', KEYS[1])
        if video then return {1, video} end
        local id = redis.call('GET', KEYS[2])
        if id and id ~= ARGV[2] then
          local v = redis.call('HMGET', ARGV[1] .. id, 's', 'r')
          if v[1] == '0' or v[1] == '1' then
            local silent = tonumber(ARGV[3]) - tonumber(v[2])
            if silent <= tonumber(v[1] == '0' and ARGV[4] or ARGV[5]) then return {2, id} end
            if v[1] == '0' then redis.call('HSET', ARGV[1] .. id, 's', 3) end
          end
        end
        redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[6])
        return {0}
        """;

    /// <summary>Puts a job in its caller's list.</summary>
    /// <remarks>KEYS: 1 the list. ARGV: 1 position, 2 life of the list.</remarks>
    public const string Enlist =
        """
        redis.call('ZADD', KEYS[1], 0, ARGV[1])
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        return 1
        """;

    /// <summary>Replaces a value if it is still what the caller saw.</summary>
    /// <remarks>KEYS: 1 the value. ARGV: 1 seen, 2 new, 3 life. Returns 1 or 0.</remarks>
    public const string Replace =
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
        return 1
        """;

    /// <summary>Adds a value, or returns the one that is there.</summary>
    /// <remarks>KEYS: 1 the value. ARGV: 1 new, 2 life.</remarks>
    public const string Add =
        """
        local there = redis.call('GET', KEYS[1])
        if there then return there end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return false
        """;

    /// <summary>Removes a value if it is still what the caller knows.</summary>
    /// <remarks>KEYS: 1 the value. ARGV: 1 known.</remarks>
    public const string Remove =
        """
        if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
        return 1
        """;

    /// <summary>Takes one of a minute's requests: a bucket that holds a minute's number and fills evenly.</summary>
    /// <remarks>KEYS: 1 the bucket: <c>t</c> tokens, <c>a</c> when they were counted. ARGV: 1 now, 2 requests a minute. Returns {granted, remaining}.</remarks>
    public const string TakeRequest =
        """
        local limit = tonumber(ARGV[2])
        local v = redis.call('HMGET', KEYS[1], 't', 'a')
        local now = math.max(tonumber(ARGV[1]), tonumber(v[2] or 0))
        local tokens = math.min(limit, tonumber(v[1] or limit) + (now - tonumber(v[2] or now)) * limit / 60000)
        local granted = 0
        -- What was added in parts may lack a trace of what was added at once.
        if tokens >= 0.999999 then
          granted = 1
          tokens = math.max(0, tokens - 1)
        end
        redis.call('HSET', KEYS[1], 't', string.format('%.17g', tokens), 'a', string.format('%.0f', now))
        redis.call('PEXPIRE', KEYS[1], 120000)
        return {granted, math.floor(tokens)}
        """;

    /// <summary>Takes a place, or stands in line for one.</summary>
    /// <remarks>
    /// KEYS: 1 the places, 2 the line; the scores are when they are free by themselves. ARGV: 1 id, 2 now, 3 when the place is free by itself, 4 number of
    /// places, 5 longest line, 6 when the place in line is free by itself, 7 life of the places.
    /// Returns 2: a place, 1: in line, 0: neither.
    /// </remarks>
    public const string Enter =
        """
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
        redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', ARGV[2])
        if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 2 end
        local ahead = 0
        for _, other in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
          if other < ARGV[1] then ahead = ahead + 1 end
        end
        if ahead < tonumber(ARGV[4]) - redis.call('ZCARD', KEYS[1]) then
          redis.call('ZREM', KEYS[2], ARGV[1])
          redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
          if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[7]) then redis.call('PEXPIRE', KEYS[1], ARGV[7]) end
          return 2
        end
        if not redis.call('ZSCORE', KEYS[2], ARGV[1]) and redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[5]) then return 0 end
        redis.call('ZADD', KEYS[2], ARGV[6], ARGV[1])
        redis.call('PEXPIRE', KEYS[2], 60000)
        return 1
        """;

    /// <summary>Gives back a place, or leaves the line.</summary>
    /// <remarks>KEYS: 1 the places, 2 the line. ARGV: 1 id.</remarks>
    public const string Leave =
        """
        redis.call('ZREM', KEYS[1], ARGV[1])
        redis.call('ZREM', KEYS[2], ARGV[1])
        return 1
        """;

    /// <summary>Reserves an amount of what may be used in a day.</summary>
    /// <remarks>
    /// KEYS: 1 the day: <c>total</c>, and what is reserved by id. ARGV: 1 id, 2 amount, 3 limit, 4 life of the day, 5 the server's time beyond which it is too
    /// late, where known. Returns 1: reserved, 0: less is left, 2: too late.
    /// </remarks>
    public const string Reserve =
        """
        local clock = redis.call('TIME')
        if ARGV[5] ~= '' and clock[1] * 1000 + clock[2] / 1000 > tonumber(ARGV[5]) then return 2 end
        if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 1 end
        if tonumber(redis.call('HGET', KEYS[1], 'total') or 0) + tonumber(ARGV[2]) > tonumber(ARGV[3]) then return 0 end
        redis.call('HINCRBY', KEYS[1], 'total', ARGV[2])
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
        redis.call('PEXPIRE', KEYS[1], ARGV[4])
        return 1
        """;

    /// <summary>Ends a reservation: what was used takes its place.</summary>
    /// <remarks>KEYS: 1 the day. ARGV: 1 id, 2 what was used; empty: as much as was reserved.</remarks>
    public const string Settle =
        """
        local reserved = redis.call('HGET', KEYS[1], ARGV[1])
        if not reserved then return 0 end
        redis.call('HDEL', KEYS[1], ARGV[1])
        if ARGV[2] ~= '' then redis.call('HINCRBY', KEYS[1], 'total', string.format('%.0f', tonumber(ARGV[2]) - tonumber(reserved))) end
        return 1
        """;
}
