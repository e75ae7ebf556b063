using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using RemixProxy.Adapters;

namespace RemixProxy.Tests.Architecture;

/// <summary>The rooms of the plugin, and which may know which. The picture is in the design; this is what holds it.</summary>
public class ArrowTests
{
    private const string Plugin = "RemixProxy";

    /// <summary>
    /// Each room, from the ground up, and the rooms that it may know. All rooms may know the options at the root, which know no room. The registration of the
    /// rooms knows all of them, and no room knows it.
    /// </summary>
    private static readonly (string Room, string[] Knows)[] Rooms =
    [
        ("Contract", []),
        ("Telemetry", ["Contract"]),
        ("Configuration", ["Contract"]),
        ("Resilience", ["Contract", "Telemetry"]),
        ("Adapters", ["Contract"]),
        ("Callers", ["Contract"]),
        ("Providers", ["Contract", "Telemetry", "Configuration", "Adapters", "Callers"]),
        ("Exchanges", ["Contract", "Telemetry", "Configuration", "Resilience", "Adapters", "Providers"]),
        ("Jobs", ["Contract", "Telemetry", "Resilience", "Adapters", "Providers", "Exchanges"]),
        ("Limits", ["Contract", "Telemetry", "Resilience", "Adapters", "Callers", "Providers", "Jobs"]),
        ("Cache", ["Contract", "Telemetry", "Configuration", "Resilience", "Adapters", "Providers", "Exchanges", "Jobs"]),
        ("Redis", ["Contract", "Telemetry", "Resilience", "Adapters", "Callers", "Providers", "Jobs", "Limits", "Cache"]),
        ("Operations", ["Contract", "Telemetry", "Resilience", "Adapters", "Callers", "Providers", "Exchanges", "Jobs", "Limits", "Cache"]),
        ("Pipeline", ["Contract", "Telemetry", "Resilience", "Adapters", "Callers", "Providers", "Exchanges", "Limits", "Cache", "Operations"]),
    ];

    private static readonly ArchUnitNET.Domain.Architecture Architecture = new ArchLoader().LoadAssemblies(typeof(IVideoAdapter).Assembly).Build();

    private static readonly (IType From, IType To)[] Arrows =
    [
        .. Architecture.Types.SelectMany(t => t.Dependencies).Where(d => IsOurs(d.Origin) && IsOurs(d.Target)).Select(d => (d.Origin, d.Target)).Distinct(),
    ];

    [Fact]
    public void Every_room_is_named_here()
    {
        var rooms = Architecture.Types.Where(IsOurs).Select(RoomOf).Where(r => r.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        Assert.Equal(Rooms.Select(r => r.Room).Order(StringComparer.Ordinal), rooms);
    }

    [Fact]
    public void Rooms_know_those_below_only()
    {
        for (var i = 0; i < Rooms.Length; i++) Assert.All(Rooms[i].Knows, known => Assert.Contains(known, Rooms[..i].Select(r => r.Room)));
    }

    [Fact]
    public void Arrows_point_where_they_may()
    {
        AssertNone(Arrows.Where(a => RoomOf(a.From) != RoomOf(a.To) && !MayKnow(a.From, a.To)));
    }

    [Fact]
    public void Folders_within_a_room_form_no_cycle()
    {
        // What registers a room knows all of it.
        var between = Arrows.Where(
            a =>
                RoomOf(a.From) == RoomOf(a.To) && a.From.Namespace.FullName != a.To.Namespace.FullName
                    && !a.From.Name.EndsWith("Registration", StringComparison.Ordinal))
            .ToArray();
        var known = between.ToLookup(a => a.From.Namespace.FullName, a => a.To.Namespace.FullName, StringComparer.Ordinal);
        var cycles = known.Select(k => k.Key).Where(n => Reaches(n, n, known)).ToHashSet(StringComparer.Ordinal);
        AssertNone(between.Where(a => cycles.Contains(a.From.Namespace.FullName) && cycles.Contains(a.To.Namespace.FullName)));
    }

    private static bool Reaches(string from, string to, ILookup<string, string> known)
    {
        var (seen, next) = (new HashSet<string>(StringComparer.Ordinal), new Stack<string>(known[from]));
        while (next.TryPop(out var at))
        {
            if (at == to) return true;
            if (!seen.Add(at)) continue;
            foreach (var further in known[at]) next.Push(further);
        }

        return false;
    }

    // What registers the rooms knows all of them.
    private static bool MayKnow(IType from, IType to) => (RoomOf(from), RoomOf(to)) switch
    {
        ("", "") => true,
        ("", _) => from.FullName.StartsWith(Plugin + "." + nameof(RemixProxyExtensions), StringComparison.Ordinal),
        (_, "") => !to.FullName.StartsWith(Plugin + "." + nameof(RemixProxyExtensions), StringComparison.Ordinal),
        var (room, known) => Rooms.Single(r => r.Room == room).Knows.Contains(known),
    };

    private static bool IsOurs(IType type) =>
        type is not GenericParameter && type.Namespace is { } name
            && (name.FullName == Plugin || name.FullName.StartsWith(Plugin + ".", StringComparison.Ordinal));

    private static string RoomOf(IType type) => type.Namespace.FullName.Split('.') is [_, var room, ..] ? room : "";

    private static void AssertNone(IEnumerable<(IType From, IType To)> arrows)
    {
        string[] lines = [.. arrows.Select(a => $"{a.From.FullName} -> {a.To.FullName}").Order(StringComparer.Ordinal)];
        Assert.True(lines.Length == 0, string.Join('\n', lines));
    }
}
