using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using RemixProxy.Benchmarks.Faults;
using RemixProxy.Benchmarks.Load;
using RemixProxy.TestKit.Processes;
using RemixProxy.TestKit.Redis;

namespace RemixProxy.Benchmarks.Compare;

/// <summary>All processes of a run. They end with it.</summary>
internal sealed class Stage : IAsyncDisposable
{
    /// <summary>The environment of the programs that are no host.</summary>
    public static readonly Dictionary<string, string> OfWebApplications = new(StringComparer.Ordinal)
    {
        // What the SDK for web applications chooses, and so has the host.
        ["DOTNET_gcServer"] = "1",
    };

    private readonly List<IAsyncDisposable> _started = [];
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });

    private Stage()
    {
    }

    public Side Upstream { get; private set; } = null!;

    public Side Bare { get; private set; } = null!;

    /// <summary>Null where there is none.</summary>
    public Side? Nginx { get; private set; }

    /// <summary>The command that starts wrk; null where there is none.</summary>
    public string[]? Wrk { get; private set; }

    /// <summary>The programs that took part, with their versions.</summary>
    public List<string> Versions { get; } = [];

    /// <summary>Starts what all rows are compared with.</summary>
    public static async Task<Stage> StartAsync()
    {
        var stage = new Stage();
        try
        {
            var upstream = await stage.RunAsync("RemixProxy.Benchmarks", [NativeUpstream.Door], OfWebApplications);
            stage.Upstream = SideOf("the upstream itself", allocatedPath: null, [upstream]);
            stage.Bare = await stage.BareAsync();
            stage.Nginx = await stage.TryNginxAsync();
            stage.Wrk = await TryFindAsync("wrk");
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts another bare YARP.</summary>
    public async Task<Side> BareAsync()
    {
        var server = await RunAsync("RemixProxy.Benchmarks", [BareProxy.Door, Upstream.Addresses[0].AbsoluteUri], OfWebApplications);
        return SideOf("bare YARP", BareProxy.AllocatedPath, [server]);
    }

    /// <summary>Starts a host of the present build with the defaults of production, but for what is given.</summary>
    public Task<ServerProcess> HostAsync(string pollInterval, RedisServer? redis, params (string Key, string Value)[] settings) =>
        RunAsync("RemixProxy.Host", [], SettingsOf(pollInterval, redis, settings));

    /// <summary>The environment of such a host.</summary>
    public Dictionary<string, string> SettingsOf(string pollInterval, RedisServer? redis, params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["RemixProxy__Providers__openai__BaseUrl"] = Upstream.Addresses[0] + "v1",
            ["RemixProxy__Providers__openai__ApiKey"] = "none",
            ["RemixProxy__Providers__openai__PollInterval"] = pollInterval,
        };
        if (redis is not null)
        {
            all["RemixProxy__Redis__ConnectionString"] = redis.ConnectionString;
            // Everything shares a machine. What takes long for want of a core must be counted, not given up.
            all["RemixProxy__Redis__Timeout"] = "00:00:05";
        }

        foreach (var (key, value) in settings) all["RemixProxy__" + key] = value;
        return all;
    }

    /// <summary>Hosts as a side.</summary>
    public static Side SideOf(string name, params ServerProcess[] hosts) => SideOf(name, "/metrics", hosts);

    public async Task<RedisServer> RedisAsync()
    {
        var redis = await RedisServer.StartAsync(RedisVersion.Eight);
        _started.Add(redis);
        if (Versions.TrueForAll(v => !v.StartsWith("Redis ", StringComparison.Ordinal)))
        {
            var lines = (await redis.CommandAsync("INFO", "server")).Split("\r\n");
            Versions.Add("Redis " + lines.First(l => l.StartsWith("redis_version:", StringComparison.Ordinal)).Split(':')[1]);
        }

        return redis;
    }

    /// <summary>Has videos made by creates.</summary>
    /// <param name="server">Which host is asked.</param>
    /// <param name="kind">As <see cref="NativeUpstream"/> knows them.</param>
    /// <param name="count">How many.</param>
    /// <returns>Their ids.</returns>
    public Task<string[]> MakeAsync(Uri server, string kind, int count) => MakeAsync(server, i => LoadCase.BodyOf($"{kind}: {Prompts.Of(i)}"), count);

    /// <summary>Has videos made by creates, with the body of each.</summary>
    public async Task<string[]> MakeAsync(Uri server, Func<int, byte[]> bodyOf, int count)
    {
        var ids = new string[count];
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancellationToken) =>
        {
            using var body = new ByteArrayContent(bodyOf(i))
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
            };
            using var answer = await _http.PostAsync(new Uri(server, "v1/videos"), body, cancellationToken);
            using var video = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(cancellationToken));
            if (!video.RootElement.TryGetProperty("id", out var id)) throw new InvalidOperationException($"No video was made: {video.RootElement}");
            ids[i] = id.GetString()!;
        });
        return ids;
    }

    /// <summary>Sends each request once, or so many of them.</summary>
    public static async Task SendAllAsync(Side side, Traffic traffic, int? count = null)
    {
        var sent = await new SocketLoad(traffic, [side.Addresses[0]]).RunAsync(TimeSpan.FromMinutes(10), count: count ?? traffic.Requests.Count);
        if (sent.Wrong > 0) throw new InvalidOperationException($"{sent.Wrong} of {sent.Count} requests were answered otherwise, such as: {sent.Sample}");
    }

    /// <summary>How many calls the upstream has answered.</summary>
    public async Task<long> UpstreamCallsAsync() =>
        long.Parse(await _http.GetStringAsync(new Uri(Upstream.Addresses[0], NativeUpstream.CallsPath)), CultureInfo.InvariantCulture);

    /// <summary>Starts a program of this build and has it end with the run.</summary>
    public async Task<ServerProcess> RunAsync(string assembly, string[] arguments, Dictionary<string, string> environment)
    {
        var process = new ServerProcess(assembly, arguments, environment) { IsSilent = true };
        _started.Add(process);
        await process.StartAsync();
        return process;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        for (var i = _started.Count - 1; i >= 0; i--) await _started[i].DisposeAsync();
    }

    private static Side SideOf(string name, string? allocatedPath, ServerProcess[] servers) => new(
        name, [.. servers.Select(h => h.Address)], [.. servers.Select(h => h.Id)], allocatedPath,
        allocatedPath == "/metrics" ? "dotnet_gc_heap_total_allocated_bytes" : "");

    private static async Task<string[]?> TryFindAsync(string program)
    {
        try
        {
            return await TestProgram.FindAsync(program);
        }
        catch (InvalidOperationException missing)
        {
            await Console.Error.WriteLineAsync(missing.Message);
            return null;
        }
    }

    private async Task<Side?> TryNginxAsync()
    {
        if (await TryFindAsync("nginx") is not { } program) return null;
        var folder = new TemporaryFolder();
        _started.Add(folder);
        var port = Random.Shared.Next(20_000, 30_000);
        // A process for each core, as it would start by itself. But workers of its own would outlive a master that is killed.
        var workers = Enumerable.Range(0, Environment.ProcessorCount).Select(i => StartNginx(program, folder.Path, i, port)).ToList();
        for (var tried = 0; !await IsListeningAsync(port); tried++)
        {
            if (tried == 100 || await workers[0].IsDoneAsync(Task.Delay(50)) == false)
                throw new InvalidOperationException($"nginx did not start: {workers[0].Output}");
        }

        return new("nginx", [new($"http://127.0.0.1:{port}/")], [.. workers.Select(w => w.Id)]);
    }

    private GuardedProcess StartNginx(string[] program, string folder, int number, int port)
    {
        var settings = Path.Combine(folder, $"{number}.conf");
        File.WriteAllText(settings, $$"""
            daemon off;
            master_process off;
            pid {{folder}}/{{number}}.pid;
            error_log stderr warn;
            events { worker_connections 4096; }
            http {
              access_log off;
              keepalive_requests 100000000;
              client_body_temp_path {{folder}}/body;
              proxy_temp_path {{folder}}/proxy;
              fastcgi_temp_path {{folder}}/fastcgi;
              uwsgi_temp_path {{folder}}/uwsgi;
              scgi_temp_path {{folder}}/scgi;
              proxy_max_temp_file_size 0;
              upstream native { server {{Upstream.Addresses[0].Authority}}; keepalive 256; keepalive_requests 100000000; }
              server {
                listen 127.0.0.1:{{port}} reuseport;
                location / { proxy_pass http://native; proxy_http_version 1.1; proxy_set_header Connection ""; }
              }
            }
            """);
        var process = new GuardedProcess([.. program, "-p", folder, "-e", "stderr", "-c", settings], _ => { });
        _started.Add(process);
        return process;
    }

    private static async Task<bool> IsListeningAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private sealed class TemporaryFolder : IAsyncDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("remixproxy-compare-").FullName;

        public ValueTask DisposeAsync()
        {
            Directory.Delete(Path, recursive: true);
            return ValueTask.CompletedTask;
        }
    }
}
