using System.Text;
using System.Text.Json;
using RemixProxy.Benchmarks.Faults;
using RemixProxy.Benchmarks.Load;
using RemixProxy.Operations.Submit;

namespace RemixProxy.Benchmarks.Compare;

/// <summary>The rows: which hosts there are, what they hold, what they are asked.</summary>
internal sealed class Rows
{
    /// <summary>Different requests of one kind.</summary>
    private const int PoolSize = 1_000;

    private const int SharedJobs = 100;
    private const int SharingClients = 1_000;
    private const string Near = "0.6";
    private const string Ours = "RemixProxy";
    private const string Semantic = "\"hit_type\":\"semantic\"";

    private static readonly (string Key, string Value) Exact = ("Cache__Mode", "Exact");

    private readonly Stage _stage;
    private readonly CompareOptions _options;
    private readonly List<Lane> _lanes = [];
    private readonly Dictionary<string, Lane> _bare = new(StringComparer.Ordinal);

    private Rows(Stage stage, CompareOptions options) => (_stage, _options) = (stage, options);

    /// <summary>What <c>--only</c> knows.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "retrieve-poll", "retrieve-shared", "finished-memory", "finished-redis", "remix-miss-memory", "remix-miss-redis", "hit-exact-memory", "hit-exact-redis",
        "hit-semantic", "list", "content", "start", "two-replicas", "job-bytes",
    ];

    /// <summary>Starts and fills what the rows asked for need.</summary>
    public static async Task<List<Lane>> BuildAsync(Stage stage, CompareOptions options)
    {
        var rows = new Rows(stage, options);
        await rows.AddRetrievesAsync();
        await rows.AddSharedAsync();
        await rows.AddExactAsync();
        await rows.AddRedisAsync();
        await rows.AddSemanticAsync();
        await rows.AddListsAsync();
        await rows.AddContentAsync();
        return rows._lanes;
    }

    private bool Wants(params string[] names) => Array.Exists(names, _options.Wants);

    private async Task AddRetrievesAsync()
    {
        if (!Wants("retrieve-poll", "finished-memory")) return;
        var host = await _stage.HostAsync("00:00:00.001", redis: null);
        var side = Stage.SideOf(Ours, host);
        if (Wants("retrieve-poll"))
            Add("retrieve-poll", "a running video; each retrieve polls", side, Retrieves(await _stage.MakeAsync(host.Address, "run", PoolSize), "in_progress"));
        if (Wants("finished-memory"))
            Add("finished-memory", "a finished video", side, Retrieves(await _stage.MakeAsync(host.Address, "done", PoolSize), "completed"));
    }

    private async Task AddSharedAsync()
    {
        if (!Wants("retrieve-shared")) return;
        var host = await _stage.HostAsync("00:00:01", redis: null);
        var traffic = Retrieves(await _stage.MakeAsync(host.Address, "run", SharedJobs), "in_progress") with { Connections = SharingClients };
        Add("retrieve-shared", $"{SharedJobs} running videos, polled once a second each", Stage.SideOf(Ours, host), traffic);
        _lanes[^1] = _lanes[^1] with { MostCalls = SharedJobs };
    }

    private async Task AddExactAsync()
    {
        if (!Wants("remix-miss-memory", "hit-exact-memory")) return;
        var host = await _stage.HostAsync("00:00:01", redis: null, Exact);
        if (Wants("remix-miss-memory")) await AddMissesAsync("remix-miss-memory", host);
        if (Wants("hit-exact-memory")) await AddHitsAsync("hit-exact-memory", host);
    }

    private async Task AddRedisAsync()
    {
        if (!Wants("finished-redis", "remix-miss-redis", "hit-exact-redis", "two-replicas")) return;
        var redis = await _stage.RedisAsync();
        var host = await _stage.HostAsync("00:00:01", redis, Exact);
        if (Wants("finished-redis"))
            Add("finished-redis", "a finished video", Stage.SideOf(Ours, host), Retrieves(await _stage.MakeAsync(host.Address, "done", PoolSize), "completed"));
        if (Wants("remix-miss-redis")) await AddMissesAsync("remix-miss-redis", host);
        if (Wants("hit-exact-redis")) await AddHitsAsync("hit-exact-redis", host);
        if (!Wants("two-replicas")) return;
        var two = new[] { host, await _stage.HostAsync("00:00:01", redis, Exact) };
        Add("two-replicas", "a finished video, at two replicas by turns", Stage.SideOf("two of RemixProxy", two),
            Retrieves(await _stage.MakeAsync(host.Address, "done", PoolSize), "completed"));
        await AddMissesAsync("two-replicas", two);
    }

    private async Task AddSemanticAsync()
    {
        if (!Wants("hit-semantic")) return;
        var host = await _stage.HostAsync("00:00:01", await _stage.RedisAsync(), ("Cache__Mode", "Semantic"));
        var side = Stage.SideOf(Ours, host);
        var (source, count) = ((await _stage.MakeAsync(host.Address, "done", 1))[0], _options.SemanticEntries);
        await Stage.SendAllAsync(side, Remixes(source, Prompts.Of, count) with { Marker = "\"cache_hit\":false" });
        Add("hit-semantic", $"a remix as wished before in another spelling, among {count:N0}", side,
            Remixes(source, i => Prompts.VariantOf(i * count / PoolSize)) with { Marker = Semantic });
        // What the built-in embedder finds in other words is farther away than its threshold.
        var paraphrases = Remixes(source, i => Prompts.ParaphraseOf(i * count / PoolSize));
        Add("hit-semantic", $"a remix as wished before in other words, among {count:N0}, with a threshold of {Near}", side,
            new([.. paraphrases.Requests.Select(r => r with { Header = $"{CacheHeaders.Threshold}: {Near}" })], Semantic));
    }

    private async Task AddListsAsync()
    {
        if (!Wants("list")) return;
        foreach (var count in new[] { PoolSize, _options.ListedJobs })
        {
            var side = Stage.SideOf(Ours, await _stage.HostAsync("00:00:01", redis: null));
            var bodies = Enumerable.Range(0, PoolSize).Select(i => Encoding.UTF8.GetString(LoadCase.BodyOf("done: " + Prompts.Of(i))));
            Ask[] creates = [.. bodies.Select(b => new Ask("POST", "/v1/videos", b))];
            await Stage.SendAllAsync(side, new(creates, "\"completed\""), count);
            Add("list", $"20 videos among {count:N0}", side, new([new("GET", "/v1/videos?limit=20")], "\"has_more\":true"));
        }
    }

    private async Task AddContentAsync()
    {
        if (!Wants("content")) return;
        foreach (var (size, streams) in new[] { (100, 16), (1, 64) })
        {
            // What a stream needs is only seen where nothing else has been before.
            var host = await _stage.HostAsync("00:00:01", redis: null);
            var id = (await _stage.MakeAsync(host.Address, $"mb{size}", 1))[0];
            // From the beginning and from its last quarter, as players read.
            string[] ranges = ["bytes=0-", $"bytes={size * 3L * (1 << 18)}-"];
            var traffic = new Traffic([.. ranges.Select(r => new Ask("GET", $"/v1/videos/{id}/content", Header: "Range: " + r))], "", streams);
            var bare = Content(await _stage.BareAsync(), bare: null);
            if (_stage.Nginx is { } nginx) _lanes.Add(Content(nginx, bare));
            _lanes.AddRange([bare, Content(Stage.SideOf(Ours, host), bare)]);

            Lane Content(Side side, Lane? bare) => new("content", $"{size} MB × {streams}", side, traffic, bare) { Idle = side.WorkingSet };
        }
    }

    private async Task AddMissesAsync(string row, params ServerProcess[] hosts)
    {
        var source = (await _stage.MakeAsync(hosts[0].Address, "src", 1))[0];
        var traffic = Remixes(source, i => $"{Prompts.Of(i)}, take {Traffic.Number}", 64) with { Marker = "\"cache_hit\":false" };
        var (what, who) = hosts.Length == 1 ? ("", Ours) : (", at two replicas by turns", "two of RemixProxy");
        Add(row, "a remix that nobody wished before" + what, Stage.SideOf(who, hosts), traffic);
    }

    private async Task AddHitsAsync(string row, ServerProcess host)
    {
        var side = Stage.SideOf(Ours, host);
        var hits = Remixes((await _stage.MakeAsync(host.Address, "done", 1))[0], Prompts.Of);
        await Stage.SendAllAsync(side, hits with { Marker = "\"cache_hit\":false" });
        Add(row, "a remix as wished before", side, hits with { Marker = "\"hit_type\":\"direct\"" });
    }

    private void Add(string row, string what, Side side, Traffic traffic) =>
        _lanes.Add(new(row, what, side, traffic, Beside(traffic)));

    /// <summary>The lane of bare YARP under the same kind of load, for retrieves and remixes with the upstream's own and nginx's before it.</summary>
    private Lane Beside(Traffic traffic)
    {
        var ask = traffic.Requests[0];
        var isList = ask.Path.Contains('?', StringComparison.Ordinal);
        var kind = ask.Body is not null ? "a remix" : isList ? "20 videos" : "a retrieve";
        var isUsual = traffic.Connections == Traffic.UsualConnections;
        if (!isUsual) kind += $", {traffic.Connections:N0} connections";
        if (_bare.TryGetValue(kind, out var known)) return known;
        // What is a hit to the host is nothing of the kind to others.
        traffic = traffic with { Marker = "" };
        var bare = new Lane("(beside)", kind, _stage.Bare, traffic);
        if (isUsual && !isList)
        {
            _lanes.Add(new Lane("(beside)", kind, _stage.Upstream, traffic, bare));
            if (_stage.Nginx is { } nginx) _lanes.Add(new Lane("(beside)", kind, nginx, traffic, bare));
        }

        _lanes.Add(bare);
        return _bare[kind] = bare;
    }

    private static Traffic Retrieves(string[] ids, string status) =>
        new([.. ids.Select(id => new Ask("GET", "/v1/videos/" + id))], $"\"status\":\"{status}\"");

    private static Traffic Remixes(string source, Func<long, string> prompt, int count = PoolSize)
    {
        var bodies = Enumerable.Range(0, count).Select(i => $$"""{"prompt":"{{JsonEncodedText.Encode(prompt(i))}}"}""");
        return new([.. bodies.Select(b => new Ask("POST", $"/v1/videos/{source}/remix", b))], "");
    }
}
