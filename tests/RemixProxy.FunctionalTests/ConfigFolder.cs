namespace RemixProxy.FunctionalTests;

/// <summary>A temporary folder with a <c>config</c> folder in it.</summary>
internal sealed class ConfigFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("remixproxy-");

    public string Path => _folder.FullName;

    public void Write(string file, string text)
    {
        _folder.CreateSubdirectory("config");
        File.WriteAllText(System.IO.Path.Combine(Path, "config", file), text);
    }

    /// <summary>Puts the host's own files there, without configuration.</summary>
    public void CopyBinaries()
    {
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory)) File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
