namespace RemixProxy.Jobs.Submissions;

/// <summary>Whether a submit may be sent.</summary>
internal abstract record Admission
{
    private Admission()
    {
    }

    /// <summary>The submit is new and recorded, and may be sent.</summary>
    public sealed record Granted(Submission Submission) : Admission;

    /// <summary>The submit repeats an earlier one, which may still be under way.</summary>
    public sealed record Repeated(Submission Earlier) : Admission;

    /// <summary>The submit's <c>Idempotency-Key</c> is bound to another request.</summary>
    public sealed record KeyReused : Admission;
}
