using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Access;

/// <summary>A call whose header lines are sent as they are written, which HTTP clients would join or mend.</summary>
internal static class RawCall
{
    /// <summary>Asks for the models.</summary>
    /// <param name="address">Of the server.</param>
    /// <param name="lines">Header lines, with <c>|</c> between them. <c>Host: localhost</c> is added where they name none.</param>
    /// <returns>The status, and the text of the answer.</returns>
    public static async Task<(int Status, string Text)> ModelsAsync(Uri address, string lines)
    {
        using var client = await RawClient.ConnectAsync(address);
        string[] headers = [.. lines.Split('|', StringSplitOptions.RemoveEmptyEntries)];
        if (!Array.Exists(headers, h => h.StartsWith("Host:", StringComparison.OrdinalIgnoreCase))) headers = ["Host: localhost", .. headers];
        await client.WriteAsync($"GET /v1/models HTTP/1.1\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n");
        var answer = await client.ReadAnswerAsync();
        return (int.Parse(answer.Split(' ')[1], null), answer);
    }

    public static async Task AssertAsync(Uri address, string lines, bool served)
    {
        var (status, text) = await ModelsAsync(address, lines);
        Assert.Equal((lines, served ? 200 : 403), (lines, status));
        if (!served) Assert.Contains("\"not_allowed\"", text, StringComparison.Ordinal);
    }
}
