using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using RemixProxy.Adapters;
using RemixProxy.Exchanges;
using RemixProxy.Providers.Kit;
using RemixProxy.TestKit;
using RemixProxy.TestKit.Fuzzing;

namespace RemixProxy.Tests.Exchanges;

/// <summary>Answers with clips inside: what adapters see of them, and what is read out of them.</summary>
public sealed class ClipReadingTests : IDisposable
{
    private const int Long = 60_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(50);

    private readonly ManualTimeProvider _time = new();
    private readonly ServiceProvider _services;

    public ClipReadingTests()
    {
        var configuration = new ConfigurationBuilder().Build();
        var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(configuration);
        services.AddReverseProxy().AddRemixProxy(configuration);
        _services = services.BuildServiceProvider();
    }

    [Fact]
    public Task Every_answer_is_read_as_a_document_would_be_however_it_comes() => Fuzz.RunAsync(300, async one =>
    {
        var (json, seen, clips) = RandomAnswer(one.Random);
        one.Note("length", Invariant($"{json.Length}"));
        using var document = JsonDocument.Parse(json);
        var texts = new List<string>();
        AddTexts(document.RootElement, texts);

        var read = await ReadAsync(new SplitStream(json, one.Random), null);

        Assert.Equal(seen, Encoding.UTF8.GetString(read.Response!.Body.Span));
        using var without = JsonDocument.Parse(read.Response.Body);
        var marks = new List<string>();
        AddTexts(without.RootElement, marks);
        foreach (var (text, mark) in texts.Zip(marks))
        {
            if (ClipMark.Of(mark) is not { Length: > 0 } clip)
            {
                if (ClipMark.Of(mark) is null) Assert.Equal(text, mark);
                continue;
            }

            var bytes = BytesOf(text);
            Assert.Equal(bytes.Length, clip.Length);
            var offset = one.Random.Next(3) == 0 ? one.Random.Next(bytes.Length) : 0;
            Assert.Equal(bytes[offset..], await ReadClipAsync(new SplitStream(json, one.Random), clip, offset, one.Random));
        }

        Assert.Equal(clips, marks.Count(m => ClipMark.Of(m) is not null));
    });

    [Theory]
    [InlineData("""{"a":"@"}""")]
    [InlineData("""<img src="data:image/png;base64,@">""")]
    [InlineData("""["\"@\\"]""")]
    [InlineData("@\"")]
    [InlineData("")]
    public async Task A_short_text_and_what_is_no_JSON_stay_as_they_are(string form)
    {
        var answer = Encoding.UTF8.GetBytes(form.Replace("@", new('A', ClipScanner.LongestText), StringComparison.Ordinal));

        var read = await ReadAsync(new SplitStream(answer, new Random(1)), null);

        Assert.Equal(answer, read.Response!.Body.ToArray());
    }

    [Fact]
    public async Task A_text_is_a_clip_from_one_byte_more_on()
    {
        var text = new string('A', ClipScanner.LongestText + 4);

        Assert.Equal(
            $$"""{"a":"\u00010000000000:{{text.Length / 4 * 3:D10}}","b":"A"}""",
            await SeenAsync("{\"a\":\"" + text + "\",\"b\":\"A\"}"));
    }

    [Theory]
    [InlineData("A!")]
    [InlineData("=A")]
    [InlineData("AAAAA")]
    [InlineData("A=A=")]
    [InlineData("AAA==")]
    [InlineData("AA===")]
    [InlineData("A\\u00e9")]
    [InlineData("A\\t")]
    [InlineData("A AA")]
    public async Task A_long_text_that_is_no_base64_to_its_end_has_no_length(string end)
    {
        var text = new string('A', ClipScanner.LongestText + 4) + end;

        Assert.Equal("""{"a":"\u00010000000000:0000000000","b":1}""", await SeenAsync($$"""{"a":"{{text}}","b":1}"""));
    }

    [Fact]
    public async Task An_answer_of_60_MB_is_read_and_its_clip_decoded_in_the_memory_of_a_short_one()
    {
        const int Length = 45_000_001;
        await MeasureAsync(1_000_000);

        var (polled, decoded) = await MeasureAsync(Length);

        Assert.True(polled < 300_000, $"The poll took {polled} bytes.");
        // Without optimisation each of some thousand reads makes a short-lived object or two.
        Assert.True(decoded < 3_000_000, $"The clip took {decoded} bytes.");

        async Task<(long Polled, long Decoded)> MeasureAsync(int length)
        {
            var thread = Environment.CurrentManagedThreadId;
            var before = GC.GetAllocatedBytesForCurrentThread();
            var read = await ReadAsync(Generated(length), null);
            var mark = ClipMark.Of(read.Response!.ReadAny().GetProperty("data").GetString())!.Value;
            var pollCost = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(new(0, length), mark);

            var target = new byte[64 << 10];
            before = GC.GetAllocatedBytesForCurrentThread();
            await using var clip = (await ReadAsync(Generated(length), mark)).Clip!;
            var (total, wrong) = (0, 0);
            while (await clip.ReadAsync(target) is > 0 and var count)
            {
                // An assertion takes memory.
                for (var i = 0; i < count; i += 997) wrong += target[i] == ClipAnswer.At(total + i) ? 0 : 1;
                total += count;
            }

            var clipCost = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal((length, 0), (total, wrong));
            // Only what one thread did is counted, so it has to be the same one to the end.
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            return (pollCost, clipCost);
        }
    }

    [Fact]
    public async Task What_is_no_clip_stays_bounded_and_so_is_the_whole()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(new EndlessStream("A "), null));
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(new EndlessStream("AA"), null));
    }

    [Theory]
    [InlineData(Long - 1)]
    [InlineData(Long - 2)]
    [InlineData(Long - 3)]
    [InlineData(Long - 10_000)]
    [InlineData(Long + 1)]
    [InlineData(Long + 2)]
    [InlineData(Long + 3)]
    [InlineData(Long + 10_000)]
    public async Task A_clip_of_another_length_than_it_had_never_ends_well(int length)
    {
        var answer = Answer(Convert.ToBase64String(Bytes(length)));
        foreach (var size in new[] { 1, 2, 3, 4, 1_000, Long, 2 * Long })
        {
            await using var clip = (await ReadAsync(new MemoryStream(answer), new(0, Long))).Clip!;

            var (read, failure) = await ReadToFailureAsync(clip, size);

            Assert.IsType<IOException>(failure);
            Assert.True(read < Long, $"{read} of {Long} bytes came.");
            Assert.True(clip.IsChanged);
        }
    }

    [Theory]
    [InlineData("!")]
    [InlineData("=")]
    [InlineData("\\u0020")]
    [InlineData("\\\"")]
    public async Task Wrong_base64_in_the_middle_breaks_off_there(string wrong)
    {
        var text = Convert.ToBase64String(Bytes(Long));
        var answer = Answer(text[..50_000] + wrong + text[50_001..]);
        await using var clip = (await ReadAsync(new MemoryStream(answer), new(0, Long))).Clip!;

        var (read, failure) = await ReadToFailureAsync(clip, 1_000);

        Assert.IsType<IOException>(failure);
        Assert.InRange(read, 36_000, 37_500);
        Assert.True(clip.IsChanged);
    }

    [Fact]
    public async Task An_answer_that_ends_in_the_middle_breaks_off_and_is_no_other_one()
    {
        var answer = Answer(Convert.ToBase64String(Bytes(Long)))[..70_000];
        await using var clip = (await ReadAsync(new MemoryStream(answer), new(0, Long))).Clip!;

        var (_, failure) = await ReadToFailureAsync(clip, 1_000);

        Assert.IsAssignableFrom<IOException>(failure);
        Assert.False(clip.IsChanged);
    }

    [Fact]
    public async Task A_provider_that_goes_silent_is_given_up_after_its_timeout()
    {
        var answer = Answer(Convert.ToBase64String(Bytes(Long)));
        await using var clip = (await ReadAsync(new SilentStream(answer[..40_000]), new(0, Long))).Clip!;
        var target = new byte[2 * Long];
        _ = await clip.ReadAsync(target);

        var waiting = clip.ReadAsync(target).AsTask();
        _time.Advance(Patience - TimeSpan.FromSeconds(1));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
    }

    [Fact]
    public async Task A_refusal_is_never_taken_for_a_clip()
    {
        var read = await ReadAsync(new MemoryStream(Answer(new('A', Long))), new(0, Long / 4 * 3), status: HttpStatusCode.BadGateway);

        Assert.Null(read.Clip);
        Assert.Equal(502, read.Response!.Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\u00010000000001:000000000")]
    [InlineData("00000000001:00000000000")]
    [InlineData("\u0001000000000x:0000000001")]
    [InlineData("\u00010000000000:+000000001")]
    [InlineData("\u00010000000000:0000000001 ")]
    [InlineData(null)]
    public void Only_a_mark_is_one(string? text)
    {
        Assert.Null(ClipMark.Of(text));
        Assert.Equal(new ClipMark(12, 345), ClipMark.Of(text + new ClipMark(12, 345)));
    }

    public void Dispose() => _services.Dispose();

    private async Task<(NativeResponse? Response, ClipStream? Clip)> ReadAsync(Stream body, ClipMark? wanted, HttpStatusCode status = HttpStatusCode.OK)
    {
        var response = new HttpResponseMessage(status) { Content = new StreamContent(body) };
        using var lease = _services.GetRequiredService<AnswerBudget>().Rent(isSubmit: false);
        var clips = new AnswerClips(wanted, Patience, _time);
        return (await ResponseReader.ReadAsync(response, lease, clips, CancellationToken.None), clips.Found);
    }

    private static ClipAnswer Generated(int length) => new("{\"id\":\"v1\",\"data\":\"", length, "\"}");

    private static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(i => ClipAnswer.At(i))];

    private static byte[] Answer(string text) => Encoding.UTF8.GetBytes("{\"data\":\"" + text + "\",\"more\":\"AAAA\"}");

    private static async Task<(int Read, Exception Failure)> ReadToFailureAsync(ClipStream clip, int size)
    {
        var (read, target) = (0, new byte[size]);
        var failure = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            while (await clip.ReadAsync(target) is > 0 and var count) read += count;
        });
        return (read, failure);
    }

    private async Task<byte[]> ReadClipAsync(Stream answer, ClipMark mark, int offset, Random random)
    {
        await using var clip = (await ReadAsync(answer, mark)).Clip!;
        clip.Seek(offset, SeekOrigin.Begin);
        var bytes = new MemoryStream();
        while (true)
        {
            var target = new byte[random.Next(4) == 0 ? random.Next(1, 9) : random.Next(1, 100_000)];
            var count = await clip.ReadAsync(target);
            if (count == 0) return bytes.ToArray();
            bytes.Write(target.AsSpan(0, count));
        }
    }

    private async Task<string> SeenAsync(string json) =>
        Encoding.UTF8.GetString((await ReadAsync(new SplitStream(Encoding.UTF8.GetBytes(json), new Random(7)), null)).Response!.Body.Span);

    private static byte[] BytesOf(string text) => DataUrl.TryRead(DataUrl.Standard(text.StartsWith("data:", StringComparison.OrdinalIgnoreCase)
        ? text : "data:;base64," + text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal)), out _, out var bytes)
        ? bytes.ToArray()
        : throw new FormatException("No base64.");

    private static void AddTexts(JsonElement json, List<string> texts)
    {
        foreach (var item in json.ValueKind == JsonValueKind.Array ? json.EnumerateArray().ToArray() : []) AddTexts(item, texts);
        foreach (var member in json.ValueKind == JsonValueKind.Object ? json.EnumerateObject().ToArray() : []) AddTexts(member.Value, texts);
        if (json.ValueKind == JsonValueKind.String) texts.Add(json.GetString()!);
    }

    // The answer, what adapters see of it, and how many clips it has.
    private static (byte[] Json, string Seen, int Clips) RandomAnswer(Random random)
    {
        var (json, seen, clips) = (new StringBuilder(), new StringBuilder(), 0);
        Value(depth: 0);
        return (Encoding.UTF8.GetBytes(json.ToString()), seen.ToString(), clips);

        void Value(int depth)
        {
            var kind = depth == 0 ? 0 : random.Next(depth > 2 ? 2 : 0, 12);
            if (kind > 1)
            {
                Text();
                return;
            }

            Add(kind == 0 ? "{" : "[");
            for (int i = 0, count = random.Next(depth == 0 ? 3 : 0, 6); i < count; i++)
            {
                if (i > 0) Add(random.Next(2) == 0 ? "," : " ,\n");
                if (kind == 0) Add($"\"{(random.Next(3) == 0 ? "da\\ta" : "data")}{i}\" : ");
                if (random.Next(4) == 0) Add(random.Next(2) == 0 ? "-1.5e3" : "null");
                else Value(depth + 1);
            }

            Add(kind == 0 ? "}" : "]");
        }

        void Text()
        {
            var head = random.Next(3) switch { 0 => "data:video/mp4;base64,", 1 when random.Next(2) == 0 => "DATA:video\\/mp4;x=\\u00e9;Base64,", _ => "" };
            Add("\"" + head);
            switch (random.Next(6))
            {
                case 0:
                    Add(string.Concat(Enumerable.Repeat(random.Next(2) == 0 ? "é\\\"\\\\, \\n" : "a\\ud83d\\ude00=:", random.Next(1, 6_000))));
                    break;
                case 1:
                    Add(Convert.ToBase64String(new byte[random.Next(0, 20_000)]));
                    break;
                case 2:
                    Add(Clip(15_000) + "!" + Clip(1_000));
                    break;
                default:
                    var bytes = random.Next(25_000, 60_000);
                    json.Append(Clip(bytes));
                    seen.Append(new StringBuilder().Append(@"\u0001").Append(Invariant($"{clips++:D10}:{bytes:D10}")));
                    break;
            }

            Add("\"");
        }

        void Add(string text)
        {
            json.Append(text);
            seen.Append(text);
        }

        string Clip(int length)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            var text = Convert.ToBase64String(bytes, random.Next(4) == 0 ? Base64FormattingOptions.InsertLineBreaks : Base64FormattingOptions.None);
            if (random.Next(3) == 0) text = text.Replace('+', '-').Replace('/', '_');
            if (random.Next(3) == 0) text = text.TrimEnd('=');
            text = text.Replace("\r\n", random.Next(2) == 0 ? @"\r\n" : @"\u000a", StringComparison.Ordinal);
            return random.Next(3) switch
            {
                0 => text.Replace("/", @"\/", StringComparison.Ordinal).Replace("=", @"\u003D", StringComparison.Ordinal),
                1 => text.Replace("+", @"\u002b", StringComparison.Ordinal).Replace("A", @"\u0041", StringComparison.Ordinal),
                _ => text,
            };
        }
    }

    /// <summary>Comes in pieces of random length.</summary>
    private sealed class SplitStream(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var most = random.Next(6) switch { 0 => 1, 1 => 7, 2 => 500, _ => 50_000 };
            return base.ReadAsync(buffer[..Math.Min(buffer.Length, random.Next(1, most + 1))], cancellationToken);
        }
    }

    /// <summary>A text without end.</summary>
    private sealed class EndlessStream(string text) : MemoryStream
    {
        private bool _isBegun;

        // So that it has no length.
        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var target = buffer.Span;
            target.Fill((byte)text[0]);
            for (var i = 1; i < target.Length && text[1] != text[0]; i += 2) target[i] = (byte)text[1];
            if (!_isBegun) target[0] = (byte)'"';
            _isBegun = true;
            return new(buffer.Length);
        }
    }

    /// <summary>Says nothing more after its bytes.</summary>
    private sealed class SilentStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position == Length) await Task.Delay(Timeout.Infinite, cancellationToken);
            return await base.ReadAsync(buffer, cancellationToken);
        }
    }
}
