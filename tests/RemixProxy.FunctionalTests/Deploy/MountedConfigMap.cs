namespace RemixProxy.FunctionalTests.Deploy;

/// <summary>A content root whose <c>config</c> is a ConfigMap as the kubelet mounts it: links to files in a hidden folder, which is changed by exchanging one link.</summary>
internal sealed class MountedConfigMap : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("remixproxy-");
    private readonly string _mount;
    private int _version;

    public MountedConfigMap(string file, string text)
    {
        _mount = _root.CreateSubdirectory("config").FullName;
        Update(file, text);
        File.CreateSymbolicLink(Path.Combine(_mount, file), Path.Combine("..data", file));
    }

    public string Root => _root.FullName;

    public void Update(string file, string text)
    {
        var folder = $"..version_{++_version}";
        Directory.CreateDirectory(Path.Combine(_mount, folder));
        File.WriteAllText(Path.Combine(_mount, folder, file), text);
        var link = Path.Combine(_mount, "..data");
        Directory.CreateSymbolicLink(link + "_tmp", folder);
        File.Move(link + "_tmp", link, overwrite: true);
        if (_version > 1) Directory.Delete(Path.Combine(_mount, $"..version_{_version - 1}"), recursive: true);
    }

    public void Dispose() => _root.Delete(recursive: true);
}
