using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using RemixProxy.Benchmarks.Load;

namespace RemixProxy.Benchmarks.Compare;

/// <summary>YARP and nothing else in a process of its own: Kestrel and the client to the upstream are set up as the host's.</summary>
internal static class BareProxy
{
    /// <summary>Before the upstream's address, on the command line of the process.</summary>
    public const string Door = "compare-bare";

    /// <summary>Where it tells how many bytes it has allocated.</summary>
    public const string AllocatedPath = "/-/allocated";

    /// <summary>Serves until nobody listens any more.</summary>
    public static async Task<int> ServeAsync(Uri upstream)
    {
        var (app, address) = await Doors.StartPassThroughAsync(upstream, app => app.MapGet(
            AllocatedPath, http => http.Response.WriteAsync(GC.GetTotalAllocatedBytes().ToString(CultureInfo.InvariantCulture))));
        await using (app)
        {
            Console.WriteLine(address);
            await app.WaitForShutdownAsync();
            return 0;
        }
    }
}
