using RemixProxy.TestKit.Processes;

namespace RemixProxy.FunctionalTests.Deploy;

/// <summary>
/// A content root whose <c>config</c> is a ConfigMap as the kubelet mounts it: a link to a file in a hidden folder, which is changed by exchanging the link to
/// that folder.
/// </summary>
internal sealed class MountedConfigMap : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("remixproxy-");
    private readonly string _file;
    private readonly string _mount;
    private int _version;

    private MountedConfigMap(string file)
    {
        _file = file;
        _mount = _root.CreateSubdirectory("config").FullName;
    }

    public string Root => _root.FullName;

    public static async Task<MountedConfigMap> MountAsync(KeyValuePair<string, string> file)
    {
        var map = new MountedConfigMap(file.Key);
        await map.UpdateAsync(file.Value);
        File.CreateSymbolicLink(Path.Combine(map._mount, file.Key), Path.Combine("..data", file.Key));
        return map;
    }

    public async Task UpdateAsync(string text)
    {
        var folder = $"..version_{++_version}";
        var link = Path.Combine(_mount, "..data");
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(_mount, folder)).FullName, _file), text);
        Directory.CreateSymbolicLink(link + "_tmp", folder);
        // .NET renames no link over a link.
        var run = await ProgramRun.OfAsync(new("mv", ["--no-target-directory", link + "_tmp", link]), "", TimeSpan.FromSeconds(30));
        Assert.True(run.ExitCode == 0, run.Errors);
        if (_version > 1) Directory.Delete(Path.Combine(_mount, $"..version_{_version - 1}"), recursive: true);
    }

    public void Dispose() => _root.Delete(recursive: true);
}
