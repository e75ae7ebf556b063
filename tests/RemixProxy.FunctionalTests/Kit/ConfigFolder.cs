namespace RemixProxy.FunctionalTests.Kit;

/// <summary>A temporary folder with a <c>config</c> folder in it.</summary>
internal sealed class ConfigFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("remixproxy-");

    public string Path => _folder.FullName;

    /// <returns>Where the file is.</returns>
    public string Write(string file, string text)
    {
        var path = System.IO.Path.Combine(_folder.CreateSubdirectory("config").FullName, file);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Puts the host's own files there, without configuration.</summary>
    public void CopyBinaries()
    {
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
            File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
