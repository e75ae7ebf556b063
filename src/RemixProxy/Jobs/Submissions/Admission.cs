namespace RemixProxy.Jobs.Submissions;

/// <summary>Whether a submit may be sent.</summary>
internal abstract record Admission
{
    private Admission()
    {
    }

    /// <summary>It is new and recorded.</summary>
    public sealed record Granted(Submission Submission) : Admission;

    /// <summary>It repeats an earlier one, which may be under way.</summary>
    public sealed record Repeated(Submission Earlier) : Admission;

    /// <summary>Its key belongs to another request.</summary>
    public sealed record KeyReused : Admission;
}
