using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using RemixProxy.Adapters;
using RemixProxy.Contract;
using RemixProxy.Exchanges;
using RemixProxy.Jobs;
using RemixProxy.Providers;
using RemixProxy.TestKit.Fuzzing;
using RemixProxy.Tests.Golden;

namespace RemixProxy.Tests.Fuzzing;

/// <summary>
/// Every adapter, asked for what its golden pages ask for, and answered with what they answer after some changes: whatever comes, it ends in an outcome that
/// the proxy can tell its callers.
/// </summary>
public class AdapterFuzzTests
{
    private const int Cases = 400;
    private const int MostExchanges = 12;
    private const string Key = "sk-Fuzz+Key/7f3Q9z";
    private static readonly string[] Words = [Key, "sk-Fuzz%2BKey%2F7f3Q9z"];
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 9, 0, 30, TimeSpan.Zero);

    private static readonly int[] Statuses = [200, 200, 201, 204, 299, 302, 400, 401, 403, 404, 408, 409, 415, 418, 422, 424, 429, 451, 500, 503, 599];
    private static readonly string[] Headers = ["Retry-After", "retry-after-ms", "x-goog-upload-url", "Location", "Content-Type", "x-should-retry"];
    private static readonly string[] HeaderValues =
    [
        "", "0", "-1", "5", "1.5", "1e9", "999999999999999999999999", "NaN", "Wed, 21 Oct 2026 07:28:00 GMT", "http://127.0.0.1/x", "//x", "..",
        "https://[::1", "text/html", "application/json; charset=utf-16", ";", Key,
    ];

    private static readonly Lazy<ILookup<string, GoldenPage>> Pages = new(() => GoldenPages.All().ToLookup(p => p.Provider, StringComparer.Ordinal));

    public static TheoryData<string> Types => new(BuiltInAdapters.All.Select(a => a.Profile.Type));

    [Theory]
    [MemberData(nameof(Types))]
    public Task Any_answer_ends_in_an_outcome_that_can_be_told(string type) => Fuzz.RunAsync(Cases, one => RunAsync(one, GoldenPages.Adapter(type), type));

    [Theory]
    [MemberData(nameof(Types))]
    public Task Any_refusal_can_be_read_and_told(string type) => Fuzz.RunAsync(Cases, one =>
    {
        var adapter = GoldenPages.Adapter(type);
        var (_, golden) = CaseOf(one, type);
        ReadRefusal(adapter, ResponseOf(one, golden.Answers.Count == 0 ? null : one.OneOf(golden.Answers), one.OneOf(Statuses[5..])));
    });

    private static async Task RunAsync(FuzzCase one, IVideoAdapter adapter, string type)
    {
        var (page, golden) = CaseOf(one, type);
        if (First(one, adapter, page, golden) is not { } first) return;
        var (asked, forwarded) = (0, 0);
        var outcome = await StepRunner.RunAsync(first, exchange =>
        {
            Assert.InRange(++asked, 1, MostExchanges);
            forwarded += exchange.Forward ? 1 : 0;
            CheckRequest(adapter, exchange.Request);
            // A plan that goes on after its page ends is answered like any other.
            var answer = golden.Answers.ElementAtOrDefault(asked - 1) ?? CaseOf(one, type).Case.Answers.ElementAtOrDefault(0);
            var response = ResponseOf(one, answer);
            if (response.IsSuccess) return new(new ExchangeResult.Answered(response));
            var error = ReadRefusal(adapter, response);
            if (response.Status is 400 or 415 or 422) _ = exchange.Instead?.Invoke(response);
            return new(new ExchangeResult.Answered(response) { Refusal = new(response.Status, error, exchange.Forward) });
        });
        Assert.InRange(forwarded, 0, 1);
        switch (outcome)
        {
            // What a delete was told of is gone.
            case Outcome.Told { Snapshot: var snapshot } when page.Title != "delete":
                CheckVideo(adapter, snapshot);
                break;
            case Outcome.Refused { Error: var error }:
                CheckError(adapter, error);
                break;
        }
    }

    private static (GoldenPage Page, GoldenCase Case) CaseOf(FuzzCase one, string type)
    {
        var page = one.OneOf([.. Pages.Value[type]]);
        return (page, one.OneOf(page.Cases));
    }

    /// <returns>The first step; null where the adapter refuses the request, as it may.</returns>
    private static ProviderStep? First(FuzzCase one, IVideoAdapter adapter, GoldenPage page, GoldenCase golden)
    {
        var unified = golden.Unified!.Json!.AsObject().DeepClone().AsObject();
        if (one.Random.Next(3) == 0 && JsonNode.Parse((unified["fields"] ?? new JsonObject()).ToJsonString()) is JsonObject fields
            && Parsed(one.Change(fields.ToJsonString(), Mutation.Json, most: 2)) is JsonObject changed)
        {
            unified["fields"] = changed;
            unified["written"] ??= changed.DeepClone();
        }

        if (one.Random.Next(5) == 0 && unified["prompt"] is JsonValue prompt) unified["prompt"] = one.Change(prompt.ToString(), Mutation.Text);
        one.Note($"{page.Provider}/{page.Title}/{golden.Heading}", unified.ToJsonString());
        var request = new GoldenRequest(page, golden with { Own = [GoldenBlock.Of("unified", [], unified), .. golden.Own.Where(b => b.Word != "unified")] });
        if (request.Operation.IsSubmit())
        {
            try
            {
                var plan = adapter.Submit(request.ToSubmit(adapter.Profile));
                Assert.All(plan.Adjustments, a => Assert.InRange((a.Requested?.Length ?? 0) + (a.Used?.Length ?? 0), 0, 1_000));
                return plan.First;
            }
            catch (VideoRequestException e)
            {
                Assert.InRange(e.Message.Length, 1, 2_000);
                return null;
            }
        }

        var id = one.Random.Next(3) == 0 ? one.Change(request.Id, Mutation.Text) : request.Id;
        one.Note("id", id);
        if (!IsUsable(id, adapter)) return null;
        return request.Operation switch
        {
            VideoOperation.Retrieve => adapter.Retrieve(id),
            VideoOperation.Cancel => adapter.Cancel(id),
            _ => adapter.Delete(id, request.Status),
        };
    }

    private static JsonNode? Parsed(string json)
    {
        try
        {
            var node = JsonNode.Parse(json, documentOptions: new() { AllowDuplicateProperties = false, MaxDepth = 50 });
            // What can't be written was refused when the body was read.
            _ = node?.ToJsonString();
            return node;
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    private static NativeResponse ResponseOf(FuzzCase one, GoldenBlock? answer, int? status = null)
    {
        var headers = (answer?.Head.Skip(1) ?? []).Select(h => h.Split(": ", 2)).ToDictionary(h => h[0], h => h[1], StringComparer.OrdinalIgnoreCase);
        if (one.Random.Next(4) == 0) headers[one.OneOf(Headers)] = one.OneOf(HeaderValues);
        status ??= answer is null || one.Random.Next(6) == 0 ? one.OneOf(Statuses) : int.Parse(answer.Head[0], CultureInfo.InvariantCulture);
        var text = one.Change(answer?.Body ?? "{}", (random, json) => Mutation.Json(random, json, Words));
        var body = Encoding.UTF8.GetBytes(text);
        if (one.Random.Next(12) == 0) body = one.Change(body, Mutation.Bytes);
        one.Note(Invariant($"answer {status} {string.Join("; ", headers.Select(h => $"{h.Key}: {h.Value}"))}"), body);
        return new(status.Value, headers, body);
    }

    private static ProviderError ReadRefusal(IVideoAdapter adapter, NativeResponse response)
    {
        var error = adapter.ReadError(response);
        CheckError(adapter, error);
        return error;
    }

    private static void CheckError(IVideoAdapter adapter, ProviderError error)
    {
        Assert.True(error.RetryAfter is null || (error.RetryAfter >= TimeSpan.Zero && error.RetryAfter <= TimeSpan.FromDays(1)), $"{error.RetryAfter}");
        Assert.InRange(Failures.Seconds(error.RetryAfter), 1, 60);
        var clean = ProviderText.Clean(error, AccountOf(adapter));
        CheckWords(clean.Message);
        Assert.True(clean.Param is null || ProviderText.FieldName(clean.Param) == clean.Param, clean.Param);
    }

    private static void CheckWords(string? words)
    {
        Assert.InRange(words?.Length ?? 0, 0, 501);
        Assert.DoesNotContain(words ?? "", char.IsControl);
        Assert.DoesNotContain(Key, words ?? "", StringComparison.OrdinalIgnoreCase);
        AssertWhole(words);
    }

    /// <summary>The text has no half character.</summary>
    private static void AssertWhole(string? text)
    {
        for (var i = 0; i < text?.Length; i++)
        {
            Assert.False(char.IsLowSurrogate(text[i]) || (char.IsHighSurrogate(text[i]) && (i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))),
                "half a character");
            if (char.IsHighSurrogate(text[i])) i++;
        }
    }

    // One segment for each id, so that no dots or slashes of an answer lead elsewhere.
    private static void CheckRequest(IVideoAdapter adapter, NativeRequest request)
    {
        if (Uri.TryCreate(request.Target, UriKind.Absolute, out var absolute) && absolute.Scheme is "http" or "https") return;
        var account = AccountOf(adapter).BaseUrl;
        Assert.DoesNotContain(request.Target, char.IsControl);
        if (!request.Target.StartsWith("//", StringComparison.Ordinal))
            Assert.StartsWith(account.AbsoluteUri, new Uri(account, request.Target).AbsoluteUri, StringComparison.Ordinal);
        foreach (var (name, value) in request.Headers)
        {
            Assert.NotEmpty(name);
            Assert.DoesNotContain(value, char.IsControl);
        }
    }

    private static bool IsUsable(string native, IVideoAdapter adapter) =>
        native is not ("" or "." or "..") && VideoId.IsAcceptable(new VideoId(native, adapter.Profile.Type).ToString()) && !HasHalf(native);

    private static bool HasHalf(string text) => text.EnumerateRunes().Any(r => r == Rune.ReplacementChar);

    private static void CheckVideo(IVideoAdapter adapter, VideoSnapshot snapshot)
    {
        if (snapshot.Status == VideoStatus.Completed) Assert.NotEmpty(snapshot.Outputs);
        if (snapshot.Error is { } error) snapshot = snapshot with { Error = ProviderText.Clean(error, AccountOf(adapter)) };
        // A submit whose answer names no usable id is unknown.
        if (snapshot.Id is { } native && !IsUsable(native, adapter)) return;
        var id = new VideoId(snapshot.Id ?? "none", adapter.Profile.Type);
        Assert.True(VideoId.TryParse(id.ToString(), out var again) && again == id, id.ToString());
        CheckRequest(adapter, ((Exchange)adapter.Retrieve(id.Native)).Request);
        var known = new Video { Id = id.ToString(), Model = "m", Prompt = "p" };
        foreach (var known1 in new[] { known, known with { Prompt = null, Model = "" } })
        {
            var job = VideoJob.First(id, "", known1, snapshot, adapter.Profile, TimeSpan.FromHours(1), Now);
            CheckJob(adapter, job, snapshot);
            CheckJob(adapter, job.Apply(snapshot, adapter.Profile, TimeSpan.FromHours(1), Now.AddMinutes(1)), snapshot);
        }
    }

    private static void CheckJob(IVideoAdapter adapter, VideoJob job, VideoSnapshot snapshot)
    {
        var video = job.Video;
        Assert.InRange(video.Progress, 0, 100);
        Assert.Equal(video.Status == VideoStatus.Completed, video.Progress == 100);
        Assert.Equal(video.Status == VideoStatus.Failed, video.Error is not null);
        Assert.InRange(video.CreatedAt, 0, 253_402_300_799);
        Assert.InRange(video.CompletedAt ?? 0, 0, 253_402_300_799);
        Assert.InRange(video.ExpiresAt ?? 0, 0, 253_402_300_799);
        Assert.InRange(video.Prompt?.Length ?? 0, 0, 32_001);
        foreach (var text in new[] { video.Model, video.Size, video.Seconds, video.RemixedFromVideoId, video.Error?.Code })
            Assert.InRange(text?.Length ?? 0, 0, VideoId.MaxBytes);
        foreach (var text in new[] { video.Model, video.Size, video.Seconds, video.Error?.Code, video.Error?.Message, video.Prompt }) AssertWhole(text);
        Assert.True(video.Size is "" || VideoSize.TryParse(video.Size, out _), video.Size);
        Assert.True(video.Seconds is "" || Durations.Read(video.Seconds) is > 0, video.Seconds);
        Assert.True(video.RemixedFromVideoId is null || VideoId.IsAcceptable(video.RemixedFromVideoId), video.RemixedFromVideoId);
        CheckWords(video.Error?.Message);
        if (video.Status != VideoStatus.Completed) return;

        Assert.InRange(job.Outputs.Count, 1, SnapshotBounds.MaxCount);
        Assert.InRange(job.Bytes, 1, 3_000_000);
        foreach (var output in job.Outputs.Concat(snapshot.Outputs.Take(1)))
        {
            if (!output.IsInline) Assert.True(Uri.TryCreate(AccountOf(adapter).BaseUrl, output.Url, out _) || !output.Public, output.Url);
            foreach (var variant in adapter.Profile.Variants) _ = adapter.Content(job.Id.Native, output, variant);
            if (output.IsInline) _ = DataUrl.TryRead(output.Url, out _, out _);
        }
    }

    private static Provider AccountOf(IVideoAdapter adapter) => new()
    {
        Name = adapter.Profile.Type, Adapter = adapter, BaseUrl = new("https://vendor.example/v1/"),
        Credential = new() { Provider = adapter.Profile.Type, ApiKey = Key }, KeySource = null, Options = new(),
    };
}
