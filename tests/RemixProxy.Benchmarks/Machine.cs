using System.Globalization;
using System.Runtime.InteropServices;

namespace RemixProxy.Benchmarks;

/// <summary>The machine that figures were made on, in a line.</summary>
internal static class Machine
{
    private const string LoadFile = "/proc/loadavg";

    public static string Description =>
        $"{Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, {(
        OperatingSystem.IsLinux() ? "Linux" : "not Linux")} {RuntimeInformation.OSArchitecture}";

    /// <summary>How many threads wanted a core during the last minute, on average; null where the system doesn't say.</summary>
    public static double? Load => File.Exists(LoadFile) ? double.Parse(File.ReadAllText(LoadFile).Split(' ')[0], CultureInfo.InvariantCulture) : null;
}
