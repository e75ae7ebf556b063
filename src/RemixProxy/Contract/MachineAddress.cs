using System.Net;

namespace RemixProxy.Contract;

/// <summary>
/// Which hosts only the machine itself has a use for: link-local addresses, and the services by which clouds tell a machine its own credentials. No provider
/// is there.
/// </summary>
internal static class MachineAddress
{
    // The services outside the link-local networks are those of AWS (IPv6), Alibaba, Azure and Oracle.
    private static readonly IPNetwork[] Networks =
    [
        IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("fd00:ec2::/32"), IPNetwork.Parse("100.100.100.200/32"),
        IPNetwork.Parse("168.63.129.16/32"), IPNetwork.Parse("192.0.0.192/32"),
    ];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    private static readonly string[] Names = ["metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"];

    /// <param name="host">A host as <see cref="Uri.IdnHost"/> has it.</param>
    public static bool IsHost(string host)
    {
        host = host.TrimEnd('.');
        if (!IPAddress.TryParse(host, out var address)) return Names.Contains(host, StringComparer.OrdinalIgnoreCase);
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (Nat64.Contains(address)) address = new(address.GetAddressBytes().AsSpan(12));
        return Array.Exists(Networks, n => n.Contains(address));
    }
}
