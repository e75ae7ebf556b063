using System.Text.Json.Nodes;

namespace RemixProxy.Sandbox.Fields;

/// <summary>A combination of fields that a vendor refuses.</summary>
/// <param name="Name">The field at fault, from the object that it is about; empty for the object itself.</param>
/// <param name="Fault">What kind of mistake it is.</param>
/// <param name="Message">An English sentence.</param>
/// <param name="IsWrong">Whether an object has it. Its values may be of any type.</param>
internal sealed record FieldCondition(string Name, FieldFault Fault, string Message, Func<JsonObject, bool> IsWrong)
{
    public void Check(JsonObject body, FieldCheck at)
    {
        if (IsWrong(body))
            (Name.Length == 0 ? at : at.Below(Name)).Report(Fault, Message);
    }
}
