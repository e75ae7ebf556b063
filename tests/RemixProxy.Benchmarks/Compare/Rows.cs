using System.Text.Json;
using RemixProxy.Benchmarks.Load;

namespace RemixProxy.Benchmarks.Compare;

/// <summary>The rows: which hosts there are, what they hold, what they are asked.</summary>
internal sealed class Rows
{
    /// <summary>Different requests of one kind.</summary>
    private const int PoolSize = 1_000;

    private readonly Stage _stage;
    private readonly CompareOptions _options;
    private readonly List<Lane> _lanes = [];
    private readonly Dictionary<string, Lane> _bare = new(StringComparer.Ordinal);

    private Rows(Stage stage, CompareOptions options) => (_stage, _options) = (stage, options);

    /// <summary>What <c>--only</c> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["retrieve-poll", "finished-memory", "remix-miss-memory", "hit-exact-memory"];

    /// <summary>Starts and fills what the rows asked for need.</summary>
    public static async Task<List<Lane>> BuildAsync(Stage stage, CompareOptions options)
    {
        var rows = new Rows(stage, options);
        await rows.AddRetrievesAsync();
        await rows.AddExactAsync();
        return rows._lanes;
    }

    private bool Wants(params string[] names) => Array.Exists(names, _options.Wants);

    private async Task AddRetrievesAsync()
    {
        if (!Wants("retrieve-poll", "finished-memory")) return;
        var host = await _stage.HostAsync("00:00:00.001", redis: null);
        var side = Stage.SideOf("RemixProxy", host);
        if (Wants("retrieve-poll"))
            Add("retrieve-poll", "a running video; each retrieve polls", side, Retrieves(await _stage.MakeAsync(host.Address, "run", PoolSize), "in_progress"));
        if (Wants("finished-memory"))
            Add("finished-memory", "a finished video", side, Retrieves(await _stage.MakeAsync(host.Address, "done", PoolSize), "completed"));
    }

    private async Task AddExactAsync()
    {
        if (!Wants("remix-miss-memory", "hit-exact-memory")) return;
        var host = await _stage.HostAsync("00:00:01", redis: null, ("Cache__Mode", "Exact"));
        var side = Stage.SideOf("RemixProxy", host);
        if (Wants("remix-miss-memory"))
            Add("remix-miss-memory", "a remix that nobody wished before", side, Misses((await _stage.MakeAsync(host.Address, "src", 1))[0]));
        if (Wants("hit-exact-memory"))
        {
            var hits = Remixes((await _stage.MakeAsync(host.Address, "done", 1))[0], Prompts.Of) with { Marker = "\"hit_type\":\"direct\"" };
            await Stage.SendAllAsync(side, hits with { Marker = "\"cache_hit\":false" });
            Add("hit-exact-memory", "a remix whose answer is known", side, hits);
        }
    }

    private void Add(string row, string what, Side side, Traffic traffic) =>
        _lanes.Add(new(row, what, side, traffic, Beside(traffic)));

    /// <summary>The lane of bare YARP under the same kind of load, with the upstream's own and nginx's before it.</summary>
    private Lane Beside(Traffic traffic)
    {
        var ask = traffic.Requests[0];
        var kind = ask.Body is not null ? "a remix" : "a retrieve";
        if (traffic.Connections != Traffic.UsualConnections) kind += $", {traffic.Connections:N0} connections";
        if (_bare.TryGetValue(kind, out var known)) return known;
        // What is a hit to the host is nothing of the kind to others.
        traffic = traffic with { Marker = "\"status\"" };
        _lanes.Add(new("(upstream)", kind, _stage.Upstream, traffic));
        var bare = new Lane("(bare YARP)", kind, _stage.Bare, traffic);
        _lanes.Add(bare);
        if (_stage.Nginx is { } nginx) _lanes.Add(new("(nginx)", kind, nginx, traffic, bare));
        return _bare[kind] = bare;
    }

    private static Traffic Retrieves(string[] ids, string status) => new([.. ids.Select(id => new Ask("GET", "/v1/videos/" + id))], $"\"status\":\"{status}\"");

    private static Traffic Remixes(string source, Func<long, string> prompt, int count = PoolSize) => new(
        [.. Enumerable.Range(0, count).Select(i => new Ask("POST", $"/v1/videos/{source}/remix", $$"""{"prompt":"{{JsonEncodedText.Encode(prompt(i))}}"}"""))], "");

    private static Traffic Misses(string source) =>
        Remixes(source, i => $"{Prompts.Of(i)}, take {Traffic.Number}", 64) with { Marker = "\"cache_hit\":false" };
}
