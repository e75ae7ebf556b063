using RemixProxy.FunctionalTests.Access;
using RemixProxy.FunctionalTests.Kit;

namespace RemixProxy.FunctionalTests.Host;

/// <summary>Whom the ready host serves on all addresses, as the container image starts it.</summary>
public class HostAccessTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Listening_on_all_addresses_permits_nobody_and_no_header_does(bool believesHeaders)
    {
        await using var host = await HostProcess.StartAsync(new()
        {
            OnAnyPort = false,
            Environment =
            {
                ["ASPNETCORE_URLS"] = "http://0.0.0.0:0",
                ["RemixProxy__Sandbox"] = "true",
                ["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = believesHeaders ? "true" : "false",
            },
        });
        var port = host.Http.BaseAddress!.Port;
        var (local, foreign) = (new Uri($"http://127.0.0.1:{port}/"), new Uri($"http://{OwnAddress.Find()}:{port}/"));

        await RawCall.AssertAsync(local, "", true);
        await RawCall.AssertAsync(local, "X-Forwarded-For: 127.0.0.1", true);
        await RawCall.AssertAsync(local, "X-Forwarded-For: 203.0.113.9", false);
        // Only who reads the header before the middleware sees that it is not plain.
        await RawCall.AssertAsync(local, "X-Forwarded-For: 127.1", false);
        await RawCall.AssertAsync(local, "X-Forwarded-For: 203.0.113.9, 127.0.0.1", false);
        await RawCall.AssertAsync(foreign, "", false);
        await RawCall.AssertAsync(foreign, "X-Forwarded-For: 127.0.0.1", false);
        await RawCall.AssertAsync(foreign, "X-Forwarded-For: ::1|X-Forwarded-Proto: http", false);
        Assert.DoesNotContain("AllowAnonymous", host.Output, StringComparison.Ordinal);
    }
}
