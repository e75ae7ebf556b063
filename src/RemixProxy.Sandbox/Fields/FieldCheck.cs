using Microsoft.AspNetCore.Http;
using RemixProxy.Sandbox.Content;

namespace RemixProxy.Sandbox.Fields;

/// <summary>A body under check: the place that is looked at, and all that was found.</summary>
internal sealed class FieldCheck
{
    private readonly string _path;
    private readonly Func<MediaRule, string, NativeSource> _look;
    private readonly IFormFileCollection? _files;
    private readonly List<FieldProblem> _problems;
    private readonly Dictionary<string, NativeSource> _sources;

    /// <summary>A check of a whole body.</summary>
    /// <param name="look">Looks at an image or a clip that a field names.</param>
    /// <param name="files">The files of a form.</param>
    public FieldCheck(Func<MediaRule, string, NativeSource> look, IFormFileCollection? files)
        : this("", look, files, [], new(StringComparer.Ordinal))
    {
    }

    private FieldCheck(
        string path, Func<MediaRule, string, NativeSource> look, IFormFileCollection? files, List<FieldProblem> problems,
        Dictionary<string, NativeSource> sources)
    {
        _path = path;
        _look = look;
        _files = files;
        _problems = problems;
        _sources = sources;
    }

    /// <summary>Whether null counts as absent; else it is a value of the wrong type.</summary>
    public bool TakesNulls { get; init; } = true;

    /// <summary>Everything found wrong, in the order of the lists.</summary>
    public IReadOnlyList<FieldProblem> Problems => _problems;

    /// <summary>The images and clips found, by the path of the field that names them.</summary>
    public IReadOnlyDictionary<string, NativeSource> Sources => _sources;

    /// <summary>A form's files are fields of the body itself.</summary>
    public IFormFileCollection? Files => _path.Length == 0 ? _files : null;

    public FieldCheck Below(string name) =>
        new(_path.Length == 0 ? name : $"{_path}.{name}", _look, _files, _problems, _sources) { TakesNulls = TakesNulls };

    /// <summary>A trial at the same place, which counts only if it is taken over.</summary>
    public FieldCheck Trial() => new(_path, _look, _files, [], new(StringComparer.Ordinal)) { TakesNulls = TakesNulls };

    public void TakeOver(FieldCheck trial)
    {
        _problems.AddRange(trial._problems);
        foreach (var (path, source) in trial._sources)
            _sources[path] = source;
    }

    public void Report(FieldFault fault, string message) => _problems.Add(new(_path, fault, message));

    /// <summary>Whether a problem was reported at this very place.</summary>
    public bool HasFault(FieldFault fault) => _problems.Exists(problem => problem.Path == _path && problem.Fault == fault);

    public void LookAt(MediaRule rule, string text)
    {
        var source = _look(rule, text);
        if (source.Problem is { } problem)
            Report(source.Fault, problem);
        else
            _sources[_path] = source;
    }
}
