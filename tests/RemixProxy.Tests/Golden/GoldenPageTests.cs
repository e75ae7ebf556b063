namespace RemixProxy.Tests.Golden;

/// <summary>The reader of pages: mistakes are named with page and line, and an update touches nothing but what is otherwise.</summary>
[Collection(nameof(GoldenPages))]
public class GoldenPageTests
{
    private const string Good = """
        # runway: create

        Where the facts are from.

        ## defaults
        ```json answer
        200 {"id":"t-1"}
        ```

        ## portrait by default
        ```json unified
        {"prompt":"A paper boat"}
        ```
        Why it is so.
        ```json native
        POST text_to_video
        {"model":"gen4.5","promptText":"A paper boat","ratio":"720:1280","duration":4}
        ```
        ```json video
        {"seconds":"4","size":"720x1280"}
        ```

        """;

    private const string Uploaded = """
        # runway: edit
        ## a file
        ```json unified
        {"prompt":"Make it night","source":{"name":"a.mp4","content_type":"video/mp4","length":17}}
        ```
        The place:
        ```json answer
        200 {"uploadUrl":"https://bucket.example/","fields":{"key":"uploads/5f1"},"runwayUri":"runway://5f1c"}
        ```
        ```json answer
        204
        ```
        ```json answer
        429
        Retry-After: 5

        {
          "error":"Too many requests"
        }
        ```
        The end.

        """;

    [Theory]
    [InlineData("# runway: create", "# runway: remix", "create.md:1: the page begins with '# runway: create'")]
    [InlineData("## portrait by default", "### portrait by default", "create.md:10: '### portrait by default' is no heading of a page")]
    [InlineData("## portrait by default", "## Defaults", "create.md:10: the heading 'Defaults' stands twice")]
    [InlineData("## defaults", "## another", "create.md:5: 'another' has no 'unified'")]
    [InlineData("## defaults\n", "", "create.md:5: a block stands above the first heading")]
    [InlineData("```json native", "```json nativ", "create.md:15: 'nativ' is no word for a block")]
    [InlineData("```json native", "```native", "create.md:15: '```native' opens no block")]
    [InlineData("```json native", "```text native", "create.md:15: 'native' is JSON")]
    [InlineData("```json native\nPOST text_to_video", "```json unified", "create.md:15: 'portrait by default' has a 'unified' too many")]
    [InlineData("```json native", "```json refused", "create.md:15: the JSON of 'refused' can't be read")]
    [InlineData("POST text_to_video", "text_to_video", "create.md:15: 'native' does not begin with a method and a target")]
    [InlineData("POST text_to_video", "POST text_to_video · twice", "create.md:15: 'native' does not begin with a method and a target")]
    [InlineData("\"duration\":4}", "\"duration\":4", "create.md:15: the JSON of 'native' can't be read")]
    [InlineData("200 {", "OK {", "create.md:6: 'answer' does not begin with a status")]
    [InlineData("{\"seconds\":\"4\",\"size\":\"720x1280\"}\n```", "", "create.md:19: the block does not end")]
    [InlineData("```json answer\n200 {\"id\":\"t-1\"}\n```", "```json video\n{}\n```", "create.md:6: each case has its own 'video'")]
    [InlineData("\"A paper boat\"}\n", "\"A paper boat\",\"promt\":\"\"}\n", "create.md:11: 'promt' is no input")]
    [InlineData("```json answer\n200 {\"id\":\"t-1\"}\n```", "", "create.md:8: 'portrait by default' has no answer to")]
    [InlineData("Why it is so.", "```json answer\n204\n```\n```json answer\n204\n```", "create.md:17: 'portrait by default' does not ask for this answer")]
    [InlineData("\"ratio\":\"720:1280\"", "\"ratio\":\"1280:720\"", "create.md:15: 'portrait by default' is otherwise")]
    [InlineData("\"size\":\"720x1280\"", "\"size\":\"1280x720\"", "create.md:19: 'portrait by default' is otherwise")]
    [InlineData("```json video\n{\"seconds\":\"4\",\"size\":\"720x1280\"}\n```\n", "", "create.md:10: 'portrait by default' is otherwise")]
    public async Task A_mistake_is_named_with_page_and_line(string right, string wrong, string message)
    {
        Assert.Contains(right, Good, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => VerifyAsync("create", Good.Replace(right, wrong, StringComparison.Ordinal)));
        Assert.StartsWith("runway/" + message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public Task A_page_without_mistakes_is_taken() => VerifyAsync("create", Good);

    [Fact]
    public async Task An_update_writes_what_is_missing_or_otherwise_and_keeps_the_rest()
    {
        var outdated = Good.Replace("720:1280", "1:1", StringComparison.Ordinal).Replace("{\"seconds\":\"4\",", "{", StringComparison.Ordinal);
        Assert.Equal(Good, await UpdateAsync("create", outdated));
        var updated = await UpdateAsync("edit", Uploaded);
        await VerifyAsync("edit", updated);
        Assert.Equal(3, updated.Split('\n').Count(l => l == "```json native"));
        Assert.Equal(Uploaded, WithoutBlocks(updated, "native", "refused"));
    }

    /// <summary>In every case one character of each block that an update writes is changed: none goes by unseen, and an update puts it right.</summary>
    [Fact]
    public async Task Each_fact_on_a_page_counts()
    {
        var changed = 0;
        foreach (var page in GoldenPages.All())
        {
            var lines = (await File.ReadAllTextAsync(GoldenPages.PathOf(page.Provider, page.Title))).Split('\n');
            foreach (var one in page.Cases)
            {
                // A page of this case and the defaults alone: it is read once for each change.
                int[] kept = [0, .. SectionOf(lines, Array.IndexOf(lines, "## defaults")), .. SectionOf(lines, one.Line)];
                await VerifyAsync(page.Title, string.Join('\n', kept.Select(l => lines[l])), page.Provider);
                foreach (var block in one.Own.Where(b => b.Word is not ("unified" or "answer")))
                {
                    var at = Enumerable.Range(block.Line + 1, block.Length - 2).MaxBy(l => lines[l].Length);
                    // A video that is just as the request implies.
                    if (lines[at] == "{}") continue;
                    var other = Otherwise(lines[at]);
                    var text = string.Join('\n', kept.Select(l => l == at ? other : lines[l]));
                    await Assert.ThrowsAnyAsync<Exception>(() => VerifyAsync(page.Title, text, page.Provider));
                    changed++;
                }
            }
        }

        Assert.True(changed > 800);
    }

    [Fact]
    public async Task An_update_of_a_page_that_is_right_changes_nothing()
    {
        foreach (var page in GoldenPages.All())
        {
            var text = await File.ReadAllTextAsync(GoldenPages.PathOf(page.Provider, page.Title));
            foreach (var one in page.Cases)
            {
                var run = new GoldenRun(GoldenPages.Adapter(page.Provider), page, one);
                await run.AskAsync();
                Assert.Equal(text, run.Update());
            }
        }
    }

    private static async Task VerifyAsync(string title, string text, string provider = "runway")
    {
        var run = Run(title, text, provider);
        await run.AskAsync();
        run.Verify();
    }

    private static async Task<string> UpdateAsync(string title, string text)
    {
        var run = Run(title, text, "runway");
        await run.AskAsync();
        return run.Update();
    }

    private static GoldenRun Run(string title, string text, string provider)
    {
        var page = new GoldenPage(provider, title, text);
        return new(GoldenPages.Adapter(provider), page, Assert.Single(page.Cases));
    }

    private static IEnumerable<int> SectionOf(string[] lines, int heading) => heading < 0
        ? []
        : Enumerable.Range(heading + 1, lines.Length - heading - 1).TakeWhile(l => !lines[l].StartsWith("## ", StringComparison.Ordinal)).Prepend(heading);

    // Another letter or digit in the middle.
    private static string Otherwise(string line)
    {
        var at = Enumerable.Range(0, line.Length).Where(i => char.IsAsciiLetterOrDigit(line[i])).MinBy(i => Math.Abs(i - (line.Length / 2)));
        return line[..at] + (line[at] switch { '9' or 'z' or 'Z' => (char)(line[at] - 1), var c => (char)(c + 1) }) + line[(at + 1)..];
    }

    private static string WithoutBlocks(string page, params string[] words)
    {
        List<string> lines = [.. page.Split('\n')];
        foreach (var word in words)
        {
            while (lines.IndexOf("```json " + word) is >= 0 and var at) lines.RemoveRange(at, lines.IndexOf("```", at) - at + 1);
        }

        return string.Join('\n', lines);
    }
}
