using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace RemixProxy.Sandbox.Fields;

/// <summary>What the value of a field may be; made by <see cref="Field"/>.</summary>
internal abstract record FieldRule
{
    public bool IsRequired { get; private init; }

    /// <summary>The same rule for a field that must be there.</summary>
    public FieldRule Required => this with { IsRequired = true };

    public abstract void Check(JsonNode value, FieldCheck at);

    /// <summary>Checks a form's file that comes in place of a value.</summary>
    public virtual void CheckFile(IFormFile file, FieldCheck at) => at.Report(FieldFault.Type, "Expected a value, received a file.");

    /// <summary>The same rule for an object that has one field more, which somebody else checks.</summary>
    public virtual FieldRule Knowing(string name) => this;
}
