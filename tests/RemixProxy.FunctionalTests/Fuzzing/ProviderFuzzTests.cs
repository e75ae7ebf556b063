using RemixProxy.FunctionalTests.Kit;
using RemixProxy.Providers;
using RemixProxy.TestKit.Fuzzing;

namespace RemixProxy.FunctionalTests.Fuzzing;

/// <summary>
/// Providers whose answers change on the way, through the door: every call has an answer that callers are promised, and nothing is paid twice.
/// </summary>
public class ProviderFuzzTests
{
    private const int Cases = 60;

    public static TheoryData<string> Types => new(BuiltInAdapters.All.Select(a => a.Profile.Type));

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Whatever_a_provider_answers_callers_get_what_they_are_promised(string type)
    {
        await using var fuzzed = await FuzzedApp.StartAsync(type);
        var profile = BuiltInAdapters.All.Single(a => a.Profile.Type == type).Profile;
        var (model, wishes) = ($"{type}/{profile.CreateModel}", 0);
        // A server that takes only forms is asked a second time.
        var most = profile.IsOpenAiCompatible ? 2 : 1;
        await Fuzz.RunAsync(Cases, async one =>
        {
            var from = await AcceptedAsync(one);
            fuzzed.Changing = one;
            var id = await SubmitAsync(one, "v1/videos", new { model, prompt = NewPrompt(), size = "1280x720" }) ?? from;
            string[] calls =
            [
                "GET ", "GET ", "GET /content", "GET ?include=base64", "GET /content?variant=thumbnail", "HEAD /content", "RANGE /content", "POST /remix",
                "POST /cancel", "LIST", "DELETE ",
            ];
            for (var i = one.Random.Next(3, 8); i > 0; i--)
            {
                fuzzed.App.Time.Advance(TimeSpan.FromSeconds(one.OneOf([0, 4, 8, 40, 100])));
                var (call, video) = (one.OneOf(calls).Split(' '), one.OneOf([id, from]));
                switch (call[0])
                {
                    case "POST" when call[1] == "/remix":
                        id = await SubmitAsync(one, $"v1/videos/{video}/remix", new { prompt = NewPrompt() }) ?? id;
                        break;
                    case "LIST":
                        await SendAsync(one, "GET", "v1/videos?limit=100", null, 0);
                        break;
                    case "RANGE":
                        await SendAsync(one, "GET", $"v1/videos/{video}{call[1]}", null, 0, ("Range", one.OneOf(["bytes=0-9", "bytes=-5", "bytes=5-"])));
                        break;
                    default:
                        await SendAsync(one, call[0], $"v1/videos/{video}{call[1]}", null, 0, ("x-remix-raw", "true"));
                        break;
                }
            }

            await fuzzed.AssertServesAsync(one, model);
            fuzzed.CheckLog();
        });

        string NewPrompt() => Invariant($"A heron on a pier {++wishes} {FuzzedApp.Marker}");

        async Task<string> AcceptedAsync(FuzzCase one)
        {
            fuzzed.Changing = null;
            var made = await SubmitAsync(one, "v1/videos", new { model, prompt = NewPrompt() });
            fuzzed.App.Time.Advance(TimeSpan.FromSeconds(10));
            return made!;
        }

        async Task<string?> SubmitAsync(FuzzCase one, string path, object body)
        {
            var reply = await SendAsync(one, "POST", path, body, most, ("x-remix-cache", one.OneOf(["off", "exact", "semantic"])));
            return reply.Status == 200 ? reply.Id : null;
        }

        async Task<Reply> SendAsync(FuzzCase one, string method, string path, object? body, int mostSubmits, params (string Name, string Value)[] headers)
        {
            using var request = Calls.Request(method, path, body, headers);
            return await fuzzed.SendAsync(one, request, mostSubmits);
        }
    }
}
