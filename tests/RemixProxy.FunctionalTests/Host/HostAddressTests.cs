using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using RemixProxy.Host;

namespace RemixProxy.FunctionalTests.Host;

/// <summary>When the host takes its default address. Nothing is bound: the port may be taken on this machine.</summary>
public class HostAddressTests
{
    [Theory]
    [InlineData("http://localhost:8080")]
    [InlineData("http://127.0.0.1:5001", "--urls", "http://127.0.0.1:5001")]
    [InlineData(null, "--http_ports", "8081")]
    [InlineData(null, "--https_ports", "8443")]
    [InlineData(null, "--Kestrel:Endpoints:A:Url", "http://127.0.0.1:5002")]
    public void Default_address_holds_only_where_nobody_names_another(string? expected, params string[] arguments)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = arguments, ContentRootPath = Path.GetTempPath() });

        builder.AddHostDefaults();

        Assert.Equal(expected, builder.WebHost.GetSetting(WebHostDefaults.ServerUrlsKey));
    }
}
