using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace RemixProxy.FunctionalTests.Access;

/// <summary>An address of this machine that is not loopback. Who connects to it comes from it, so it stands for another machine.</summary>
internal static class OwnAddress
{
    public static IPAddress Find()
    {
        var address = NetworkInterface.GetAllNetworkInterfaces().Where(n => n.OperationalStatus == OperationalStatus.Up)
            .SelectMany(n => n.GetIPProperties().UnicastAddresses).Select(a => a.Address)
            .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));
        Assert.SkipWhen(address is null, "This machine has no address but loopback.");
        return address!;
    }
}
