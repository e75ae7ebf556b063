using RemixProxy.Adapters;
using RemixProxy.Providers;

namespace RemixProxy.Tests.Adapters;

/// <summary>The built-in adapters, each for an account that has a project, a region and a folder for its outputs.</summary>
internal static class TestedAdapters
{
    public static ProviderAccount Account { get; } = new(new("https://server.example/v1/"))
    {
        Region = "global", Project = "paper-boats", StorageUrl = new("https://storage.googleapis.com/"), OutputUri = "gs://my-bucket/out/",
    };

    public static IReadOnlyList<IVideoAdapter> All { get; } = [.. BuiltInAdapters.All.Select(a => a.For(Account))];

    public static IVideoAdapter Of(string type) => All.Single(a => a.Profile.Type == type);
}
