namespace RemixProxy.TestKit;

/// <summary>Files of the repository that tests compare with the code.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>With GOLDEN_UPDATE=1 expected files are written instead of compared; read the diff.</summary>
    public static bool IsUpdating => Environment.GetEnvironmentVariable("GOLDEN_UPDATE") == "1";

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "RemixProxy.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("No RemixProxy.sln above the tests.");
        return folder.FullName;
    }
}
